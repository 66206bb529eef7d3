# What every app of ours stands on: node, and the packages that they share.
ARG NODE_IMAGE=node:22-alpine
FROM ${NODE_IMAGE}
ARG node_env=production
ENV NODE_ENV=${node_env}
WORKDIR /var/www
COPY package.json ./
RUN npm install --no-audit --no-fund
