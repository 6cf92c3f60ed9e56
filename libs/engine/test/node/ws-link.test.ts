import { on, once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { Link } from '../../src/shell/ports.ts';
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

  it('takes a message of the largest size where one is expected, and closes on one byte more', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    link.expectLarge();
    link.expectLarge();
    const closed = closedOf(link);
    socket.send('x'.repeat(LIMITS.largeMessageBytes));
    socket.send('x'.repeat(LIMITS.largeMessageBytes + 1));
    expect(await closed).toEqual([LIMITS.largeMessageBytes]);
  });

  it('takes the largest message in packets of a kilobyte', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    link.expectLarge();
    const closed = closedOf(link);
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

  it('gathers nothing of a large message that nobody expects', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const closed = closedOf(await next());
    socket.send('x'.repeat(LIMITS.controlMessageBytes));
    socket.send('x'.repeat(LIMITS.controlMessageBytes + 1));
    expect(await closed).toEqual([LIMITS.controlMessageBytes]);
  });

  /** Says something until the link is closed; returns what waited for the other side at most. */
  const queueOf = async (link: Link, say: () => void): Promise<number> => {
    let mostBytes = 0;
    let isClosed = false;
    void closedOf(link).then(() => (isClosed = true));
    await expect
      .poll(
        () => {
          if (!isClosed) say();
          mostBytes = Math.max(mostBytes, link.queuedBytes);
          return isClosed;
        },
        { interval: 1, timeout: 20_000 },
      )
      .toBe(true);
    return mostBytes;
  };

  it('closes on one that asks and does not read', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    socket.pause();
    const answer = 'x'.repeat(LIMITS.controlMessageBytes);
    const mostBytes = await queueOf(link, () => {
      link.sendText(answer);
    });
    expect(mostBytes).toBeGreaterThan(LIMITS.linkQueueBytes / 2);
    expect(mostBytes).toBeLessThan(LIMITS.linkQueueBytes + 2 * answer.length);
  });

  it('closes on one that reads no short answers, each of which takes more memory than it says', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    rawSocket(socket).pause();
    // What the system takes in does not wait in our memory.
    while (link.queuedBytes === 0) {
      link.sendText('x'.repeat(LIMITS.controlMessageBytes));
      await nextTurn();
    }
    const mostBytes = await queueOf(link, () => {
      for (let answer = 0; answer < 1_000; answer++) link.sendText('x');
    });
    expect(mostBytes).toBeLessThan(LIMITS.linkQueueBytes / 10);
  });

  it('closes on one that pings and does not read', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    rawSocket(socket).pause();
    const pings = Buffer.concat(
      Array.from({ length: 1_000 }, () => Buffer.from('89fd00000000' + '20'.repeat(125), 'hex')),
    );
    const mostBytes = await queueOf(link, () => {
      if (rawSocket(socket).writableLength < 1_000_000) rawSocket(socket).write(pings);
    });
    expect(mostBytes).toBeLessThan(64 * 1024);
  });

  it('hands a metainfo to one that reads slowly', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const link = await next();
    socket.pause();
    link.sendText('x'.repeat(LIMITS.largeMessageBytes));
    link.sendText('y');
    const texts = on(socket, 'message');
    socket.resume();
    const received = [(await texts.next()).value, (await texts.next()).value] as [Buffer][];
    expect(received.map(([text]) => text.length)).toEqual([LIMITS.largeMessageBytes, 1]);
  });

  it('closes on a message that comes in more reads than the limit says', async () => {
    const { port, next } = await startListener();
    const { socket } = await upgrade(port);
    const closed = closedOf(await next());
    let mostBytes = LIMITS.controlMessageBytes - 1;
    void closed.then(() => (mostBytes = 0));
    const raw = rawSocket(socket).setNoDelay();
    raw.write(Buffer.from('81feffff00000000', 'hex'));
    // Some of the bytes may arrive together.
    for (let sent = 0; sent < mostBytes; sent++) {
      raw.write('x');
      await nextTurn();
    }
    expect(mostBytes).toBe(0);
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
