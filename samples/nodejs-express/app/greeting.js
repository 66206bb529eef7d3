module.exports = 'Hello from express, version 1';
