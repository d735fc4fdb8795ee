#!/usr/bin/env node
/* node-socks as its documentation shows it.
 * usage: node-socks.js connect|bind|udp PROXY PORT TARGET PORT [USER PASSWORD] */
'use strict';
const dgram = require('dgram');
const net = require('net');
const { SocksClient } = require('socks');

const [command, host, port, targetHost, targetPort, ...credentials] = process.argv.slice(2);
const proxy = { host, port: Number(port), type: 5 };
if (credentials.length === 2) {
    [proxy.userId, proxy.password] = credentials;
}
const target = { host: targetHost, port: Number(targetPort) };
const asked = {
    connect: { command: 'connect', destination: target },
    bind: { command: 'bind', destination: target },
    udp: { command: 'associate', destination: { host: '0.0.0.0', port: 0 } },
}[command];

function fail(error) {
    process.stderr.write(`node-socks.js: ${error.message}\n`);
    process.exit(1);
}

function pipe(socket) {
    socket.allowHalfOpen = true;
    socket.on('error', fail);
    socket.pipe(process.stdout);
    process.stdin.pipe(socket);
    socket.resume();
}

/* What a datagram holds; nothing where it is none, or a part of one. */
function payload(datagram) {
    try {
        const { frameNumber, data } = SocksClient.parseUDPFrame(datagram);
        return frameNumber === 0 ? data : '';
    } catch {
        return '';
    }
}

function datagrams(socket, relay) {
    const udp = dgram.createSocket(net.isIPv6(relay.host) ? 'udp6' : 'udp4');
    socket.on('error', fail).on('close', () => process.exit()).resume();
    udp.on('error', fail).on('message', (datagram) => process.stdout.write(payload(datagram)));
    udp.connect(relay.port, relay.host, () => {
        process.stdin.on('data', (data) =>
            udp.send(SocksClient.createUDPFrame({ remoteHost: target, data })));
        process.stdin.on('end', () => process.exit());
    });
}

const client = new SocksClient({ proxy, ...asked });
client.on('error', fail);
client.on('bound', ({ remoteHost }) => {
    const name = net.isIPv6(remoteHost.host) ? `[${remoteHost.host}]` : remoteHost.host;
    process.stdout.write(`${name}:${remoteHost.port}\n`);
});
client.on('established', ({ socket, remoteHost }) =>
    command === 'udp' ? datagrams(socket, remoteHost) : pipe(socket));
client.connect();
