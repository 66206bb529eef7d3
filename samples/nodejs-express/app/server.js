'use strict';

const express = require('express');
const greeting = require('./greeting');

const app = express();
app.get('/', (request, response) => response.send(`${greeting}\n`));
app.get('/healthz', (request, response) => response.json({ node_env: process.env.NODE_ENV }));

const server = app.listen(3000, () => console.log('listening on port 3000'));

// Node as process 1 of a container hears no signal unless it asks: without this a pod needs its whole grace period to end.
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
