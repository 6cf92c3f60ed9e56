import { once } from 'node:events';
import { connect } from 'node:net';
import { LIMITS, PEER_PATH, PEER_SUBPROTOCOL } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { createWsTransport } from '@shoal/engine/node';
import { describeTransport } from '@shoal/engine/testing';
import type { Link } from '../../src/shell/ports.ts';
import { closedOf, createTransport, freePort, HOST, listen, startListener, upgrade } from './ws-fixture.ts';

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

  it('says when the address is not one of this machine', async () => {
    const foreign = createTransport({ host: '192.0.2.1' }).listen(() => undefined);
    await expect(foreign).rejects.toMatchObject({
      code: 'bad-config',
      message: 'listening on 192.0.2.1, port 0: this machine has no such address',
    });
  });

  it('names the other side without the IPv6 form of an IPv4 address', async () => {
    const transport = createTransport({ host: '::' });
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

  it.each([
    ['https://shoal.example', 101],
    ['https://shoal.example.org', 403],
    ['http://shoal.example', 403],
    ['https://shoal.example:8443', 403],
    ['null', 403],
    ['', 403],
  ])('where a page is accepted, answers one of "%s" with %i', async (origin, expected) => {
    const { port } = await startListener({ acceptsPagesOf: (other) => other === 'https://shoal.example' });
    expect((await upgrade(port, { headers: { origin } })).status).toBe(expected);
  });

  it('counts the links of accepted pages as those of others', async () => {
    const { port } = await startListener({ acceptsPagesOf: () => true });
    const statuses = [];
    for (let link = 0; link <= LIMITS.linksPerAddress; link++) {
      statuses.push((await upgrade(port, { headers: { origin: 'http://localhost' } })).status);
    }
    expect([statuses.at(-2), statuses.at(-1)]).toEqual([101, 503]);
  });

  it('says to a foreign page what to do', async () => {
    const { port } = await startListener();
    const socket = connect(port, HOST);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const head = ['Host: x', 'Origin: https://a"b', 'Connection: Upgrade', 'Upgrade: websocket'];
    socket.write([`GET ${PEER_PATH} HTTP/1.1`, ...head, '', ''].join('\r\n'));
    await once(socket, 'close');
    const [, body = ''] = Buffer.concat(chunks).toString().split('\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({
      code: 'forbidden-origin',
      message: expect.stringContaining('--page-origin') as string,
    });
  });

  it('agrees on no compression, in which a small frame could become a gigabyte', async () => {
    const { port } = await startListener();
    // Whoever uses ws without options offers it.
    const { socket } = await upgrade(port);
    expect(socket.extensions).toBe('');
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

  it('takes no more connections that say nothing from one address than it may have links', async () => {
    const { port } = await startListener();
    const sockets = await Promise.all(
      Array.from({ length: LIMITS.linksPerAddress }, async () => {
        const socket = connect(port, HOST).on('error', () => undefined);
        await once(socket, 'connect');
        return socket;
      }),
    );
    const isHeard = async (): Promise<boolean> => {
      const socket = connect(port, HOST).on('error', () => undefined);
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
      return new Promise((resolve) => {
        socket.once('data', () => {
          resolve(true);
        });
        socket.once('close', () => {
          resolve(false);
        });
      });
    };
    expect(await isHeard()).toBe(false);
    expect(sockets.every((socket) => !socket.closed)).toBe(true);
    sockets[0]!.destroy();
    await expect.poll(isHeard).toBe(true);
    for (const socket of sockets) socket.destroy();
  });

  it('gives nobody much time for headers', async () => {
    const { port } = await startListener();
    const stranger = connect(port, HOST).resume();
    stranger.write(`GET ${PEER_PATH} HTTP/1.1\r\nHost: x\r\n`);
    await once(stranger, 'close');
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

  it('gives up sooner where it is told to', async () => {
    const { port } = await listen(() => undefined);
    await expect(createTransport().dial({ host: HOST, port }, 50)).rejects.toMatchObject({
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
  const openSockets = (): string[] => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP'));

  it('closes every socket, even when the other side does not answer', async () => {
    await expect.poll(openSockets).toEqual([]);
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
    await expect.poll(openSockets).toEqual([]);
  });
});
