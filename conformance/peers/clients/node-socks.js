#!/usr/bin/env node
/* node-socks as its documentation shows it. usage: node-socks.js PROXY PORT TARGET PORT [USER PASSWORD] */
'use strict';
const { SocksClient } = require('socks');

const [host, port, target, targetPort, ...credentials] = process.argv.slice(2);
const proxy = { host, port: Number(port), type: 5 };
if (credentials.length === 2) {
    [proxy.userId, proxy.password] = credentials;
}

function fail(error) {
    process.stderr.write(`node-socks.js: ${error.message}\n`);
    process.exit(1);
}

SocksClient.createConnection({
    proxy, command: 'connect', destination: { host: target, port: Number(targetPort) },
}).then(({ socket }) => {
    socket.allowHalfOpen = true;
    socket.on('error', fail);
    socket.pipe(process.stdout);
    process.stdin.pipe(socket);
    socket.resume();
}).catch(fail);
