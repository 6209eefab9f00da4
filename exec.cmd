@rem npm's scripts are "exec node ...": a POSIX shell has exec, so that signals reach node. Windows' shell finds this file.
@%*
