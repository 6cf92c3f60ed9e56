import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { LIMITS, PEER_PATH, PEER_SUBPROTOCOL } from '@shoal/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createWsTransport, type WsTransportOptions } from '@shoal/engine/node';
import { describeTransport } from '@shoal/engine/testing';
import type { Link, Transport } from '../../src/shell/ports.ts';

const HOST = '127.0.0.1';
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

function createTransport(options: WsTransportOptions = {}): Transport {
  const transport = createWsTransport({ host: HOST, ...options });
  cleanups.push(() => transport.stop());
  return transport;
}

/** A plain TCP server on a free port. */
async function listen(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
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
async function freePort(): Promise<number> {
  const { server, port } = await listen(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A transport that listens, and the links that came in. */
async function startListener(options: WsTransportOptions = {}): Promise<{ port: number; next: () => Promise<Link> }> {
  const links: Link[] = [];
  const port = await createTransport(options).listen((link) => links.push(link));
  const next = async (): Promise<Link> => {
    await expect.poll(() => links.length).toBeGreaterThan(0);
    return links.shift()!;
  };
  return { port, next };
}

/** Opens a socket as a stranger would; resolves to the HTTP status of the refusal, or 101. */
function upgrade(port: number, change: { path?: string; protocol?: string; headers?: Record<string, string> } = {}) {
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
function closedOf(link: Link): Promise<number[]> {
  const lengths: number[] = [];
  return new Promise((resolve) => {
    link.receive({
      onText: (frame) => lengths.push(frame.length),
      onBinary: () => undefined,
      onDrain: () => undefined,
      onClose: () => {
        resolve(lengths);
      },
    });
  });
}

describeTransport('the WebSocket transport', async () => ({
  listener: createTransport(),
  dialler: createTransport(),
  host: HOST,
  deadPort: await freePort(),
  run: (pending) => pending,
}));

describe('listening', () => {
  it('says when the port is in use', async () => {
    const { port } = await startListener();
    const second = createTransport({ port }).listen(() => undefined);
    await expect(second).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(String(port)) as string,
    });
  });

  it('names the other side without the IPv6 form of an IPv4 address', async () => {
    const transport = createWsTransport({ host: '::' });
    cleanups.push(() => transport.stop());
    const accepted = new Promise<Link>((resolve) => {
      void transport.listen(resolve).then((port) => upgrade(port));
    });
    expect((await accepted).remoteHost).toBe(HOST);
  });

  it.each([
    ['another path', { path: '/v1/session' }, 404],
    ['a web page', { headers: { origin: 'https://example.org' } }, 403],
    ['a page without an address', { headers: { origin: 'null' } }, 403],
    ['no subprotocol', { protocol: '' }, 400],
    ['another subprotocol', { protocol: 'shoal.2' }, 400],
  ])('refuses an upgrade of %s', async (_what, change, expected) => {
    const { port } = await startListener();
    expect((await upgrade(port, change)).status).toBe(expected);
  });

  it('takes its subprotocol when several are offered', async () => {
    const { port } = await startListener();
    const { status, socket } = await upgrade(port, { protocol: PEER_SUBPROTOCOL });
    expect([status, socket.protocol]).toEqual([101, PEER_SUBPROTOCOL]);
  });

  it('accepts as many links from one address as the limit says, and no more', async () => {
    const { port } = await startListener();
    const statuses = [];
    for (let link = 0; link <= LIMITS.linksPerAddress; link++) statuses.push((await upgrade(port)).status);
    expect(statuses).toEqual([...Array.from({ length: LIMITS.linksPerAddress }, () => 101), 503]);
  });

  it('has room again when a link has closed', async () => {
    const { port, next } = await startListener();
    const opened = [];
    for (let link = 0; link < LIMITS.linksPerAddress; link++) opened.push(await upgrade(port));
    const closed = closedOf(await next());
    opened[0]!.socket.close();
    await closed;
    expect((await upgrade(port)).status).toBe(101);
  });

  it('survives strangers that send garbage', async () => {
    const { port } = await startListener();
    for (const garbage of [
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
      `GET ${PEER_PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    ]) {
      const socket = connect(port, HOST);
      socket.resume().end(garbage);
      await once(socket, 'close');
    }
    expect((await upgrade(port)).status).toBe(101);
  });
});

describe('an accepted link', () => {
  /** Sends raw bytes on an open WebSocket, past its framing. */
  const rawSocket = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket;

  it('closes when the other side breaks the framing', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const closed = closedOf(await next());
    rawSocket(socket).write(Buffer.from('ff00ff00ff00', 'hex'));
    await closed;
  });

  it('takes a message of the largest size, and closes on one byte more', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const closed = closedOf(await next());
    socket.send('x'.repeat(LIMITS.largeMessageBytes));
    socket.send('x'.repeat(LIMITS.largeMessageBytes + 1));
    expect(await closed).toEqual([LIMITS.largeMessageBytes]);
  });

  it('takes the largest message in packets of a kilobyte', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const closed = closedOf(await next());
    const header = Buffer.from('81ff00000000000000000000000000', 'hex').subarray(0, 14);
    header.writeUInt32BE(LIMITS.largeMessageBytes, 6);
    const raw = rawSocket(socket);
    raw.write(header);
    const packet = Buffer.alloc(1024, 'x');
    for (let sent = 0; sent < LIMITS.largeMessageBytes; sent += packet.length) {
      await new Promise((resolve) => raw.write(packet, resolve));
    }
    socket.close();
    expect(await closed).toEqual([LIMITS.largeMessageBytes]);
  });

  it('takes as many fragments as the limit says, and closes on one more', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const closed = closedOf(await next());
    for (const fragments of [LIMITS.messageFragments, LIMITS.messageFragments + 1]) {
      for (let at = 1; at <= fragments; at++) socket.send('x', { fin: at === fragments });
    }
    expect(await closed).toEqual([LIMITS.messageFragments]);
  });

  it('closes when two signs of life did not come', async () => {
    const { port, next } = await startListener({ pingMs: 20 });
    const { socket } = await upgrade(port);
    const link = await next();
    socket.pause();
    await closedOf(link);
  });

  it('stays open while the other side answers', async () => {
    const { port, next } = await startListener({ pingMs: 5 });
    const { socket } = await upgrade(port);
    let isClosed = false;
    void closedOf(await next()).then(() => (isClosed = true));
    for (let ping = 0; ping < 10; ping++) await once(socket, 'ping');
    expect(isClosed).toBe(false);
  });
});

describe('dialling', () => {
  it('gives up at its deadline, however slowly the other side goes on', async () => {
    const { port } = await listen((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nx: ');
      const drip = setInterval(() => socket.write('x'), 5);
      socket.once('close', () => {
        clearInterval(drip);
      });
    });
    const dial = createTransport({ dialMs: 50 }).dial({ host: HOST, port });
    await expect(dial).rejects.toMatchObject({
      code: 'peer-unreachable',
      message: expect.stringContaining('50 ms') as string,
    });
  });

  it.each(['HTTP/1.1 200 OK\r\n\r\n', 'SSH-2.0-OpenSSH_9.6\r\n', ''])(
    'fails at once at a server that answers "%s"',
    async (answer) => {
      const { port } = await listen((socket) => socket.end(answer));
      await expect(createTransport().dial({ host: HOST, port })).rejects.toMatchObject({ code: 'peer-unreachable' });
    },
  );

  it.each(['no such host', 'a/b', 'user@host', ''])('refuses the host "%s"', async (host) => {
    await expect(createTransport().dial({ host, port: 1 })).rejects.toMatchObject({ code: 'peer-unreachable' });
  });

  it('ends when the transport stops', async () => {
    const { port } = await listen(() => undefined);
    const transport = createTransport();
    const dial = expect(transport.dial({ host: HOST, port })).rejects.toMatchObject({ code: 'peer-unreachable' });
    await transport.stop();
    await dial;
    await expect(transport.dial({ host: HOST, port })).rejects.toMatchObject({ code: 'shutting-down' });
  });
});

describe('stopping', () => {
  const open = (what: RegExp): string[] => process.getActiveResourcesInfo().filter((name) => what.test(name));

  it('leaves nothing open, even when the other side does not answer', async () => {
    await expect.poll(() => open(/TCP/)).toEqual([]);
    const timers = open(/Timeout/);
    const transport = createWsTransport({ host: HOST });
    const port = await transport.listen(() => undefined);
    const stranger = connect(port, HOST).on('error', () => undefined);
    await once(stranger, 'connect');
    const { socket } = await upgrade(port);
    socket.pause();
    const closed = Promise.all([once(stranger.resume(), 'close'), once(socket, 'close')]);
    await transport.stop();
    socket.terminate();
    await closed;
    expect(open(/Timeout/)).toEqual(timers);
    await expect.poll(() => open(/TCP/)).toEqual([]);
  });
});
