#!/bin/sh
# Runs once, when the server of compose.yaml creates its files: the cells' database, and a user who owns nothing else.
set -eu
psql --username=postgres --set=ON_ERROR_STOP=1 --set=password="$DATABASE_PASSWORD" <<'SQL'
create role cell login password :'password';
create database cell owner cell template template0 encoding 'UTF8';
revoke connect on database cell from public;
SQL
