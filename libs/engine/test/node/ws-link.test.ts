import { on, once } from 'node:events';
import type { Socket } from 'node:net';
import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { closedOf, startListener, upgrade } from './ws-fixture.ts';

describe('a link', () => {
  it('sends a payload that lies behind room for the header as one frame, and a second time as well', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    const memory = Uint8Array.of(0, 0, 3, 4, 5);
    const frames = on(socket, 'message');
    link.sendBinary(Uint8Array.of(1, 2), memory.subarray(2));
    link.sendBinary(Uint8Array.of(8, 9), memory.subarray(2));
    const received = [(await frames.next()).value, (await frames.next()).value] as [Buffer][];
    expect(received.map(([frame]) => [...frame])).toEqual([
      [1, 2, 3, 4, 5],
      [8, 9, 3, 4, 5],
    ]);
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
