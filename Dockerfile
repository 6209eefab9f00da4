# A cell of a cluster. compose.yaml runs three of them: see docs/containers.md.
FROM node:24.19.0-trixie-slim AS base
WORKDIR /srv/cell
COPY package.json package-lock.json .npmrc ./

FROM base AS build
RUN npm ci --include=dev
COPY tsconfig.json tsconfig.build.json cell.ts ./
COPY context context
COPY package package
COPY plasma plasma
COPY routes routes
RUN npm run build

FROM base AS dependencies
RUN npm ci --omit=dev

FROM base
COPY --from=dependencies /srv/cell/node_modules node_modules
COPY --from=build /srv/cell/dist dist
COPY dna dna
# Where an embedded database would be. A cluster keeps nothing here.
RUN install -d -m 700 -o 1000 -g 1000 data
VOLUME /srv/cell/data
ENV CELL_MODE=_production+_cluster CELL_HOST=0.0.0.0
EXPOSE 1337
# By number: orchestrators that refuse root cannot look up names.
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s \
  CMD ["node", "--eval", "http.get('http://127.0.0.1:1337/health/ready', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))"]
# The cell gets SIGTERM itself: no shell and no npm before it.
ENTRYPOINT []
CMD ["node", "dist/cell.js"]
