/** Transports and strangers on this machine's loopback. What a test opens here is closed when the test ends. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { PEER_PATH, PEER_SUBPROTOCOL } from '@shoal/protocol';
import { afterEach, expect } from 'vitest';
import { WebSocket } from 'ws';
import { createWsTransport, type WsTransportOptions } from '@shoal/engine/node';
import type { Link, Transport } from '../../src/shell/ports.ts';

export const HOST = '127.0.0.1';
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

/** A transport that listens on loopback only. */
export function createTransport(options: WsTransportOptions = {}): Transport {
  const transport = createWsTransport({ host: HOST, ...options });
  cleanups.push(() => transport.stop());
  return transport;
}

/** A plain TCP server on a free port. */
export async function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    onSocket(socket);
  }).listen(0, HOST);
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { server, port } = await listen(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A transport that listens, and the links that came in. */
export async function startListener(
  options: WsTransportOptions = {},
): Promise<{ port: number; next: () => Promise<Link> }> {
  const links: Link[] = [];
  const port = await createTransport(options).listen((link) => links.push(link));
  const next = async (): Promise<Link> => {
    await expect.poll(() => links.length).toBeGreaterThan(0);
    return links.shift()!;
  };
  return { port, next };
}

/** Opens a socket as a stranger would; resolves to the HTTP status of the refusal, or 101. */
export function upgrade(
  port: number,
  change: { path?: string; protocol?: string; headers?: Record<string, string> } = {},
) {
  const { path = PEER_PATH, protocol = PEER_SUBPROTOCOL, headers = {} } = change;
  const socket = new WebSocket(`ws://${HOST}:${port}${path}`, protocol === '' ? [] : protocol, { headers });
  cleanups.push(async () => {
    socket.on('error', () => undefined).terminate();
    await Promise.resolve();
  });
  return new Promise<{ status: number; socket: WebSocket }>((resolve) => {
    socket.on('error', () => undefined);
    socket.once('open', () => {
      resolve({ status: 101, socket });
    });
    socket.once('unexpected-response', (_request, response) => {
      resolve({ status: response.statusCode ?? 0, socket });
    });
  });
}

/** Receives on a link until it closes; settles to the lengths of the texts that came. */
export function closedOf(link: Link): Promise<number[]> {
  const lengths: number[] = [];
  return new Promise((resolve) => {
    link.receive({
      onText: (frame) => lengths.push(frame.length),
      onBinary: () => undefined,
      onTooLarge: () => {
        link.close();
      },
      onDrain: () => undefined,
      onClose: () => {
        resolve(lengths);
      },
    });
  });
}
