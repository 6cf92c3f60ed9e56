import { EventEmitter } from 'node:events';
import { LIMITS } from '@shoal/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { Session } from '../../src/ws/session.ts';
import { DeskWorld, infoHash, peerId } from '../core/desk-world.ts';

/** The other end of nothing: notes what a session does to its socket. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  pings = 0;
  readonly sent: string[] = [];
  closed: string | undefined;
  isTerminated = false;

  send(text: string): void {
    this.sent.push(text);
  }

  ping(): void {
    this.pings++;
  }

  close(_code: number, reason: string): void {
    this.closed = reason;
  }

  terminate(): void {
    this.isTerminated = true;
    this.emit('close');
  }

  say(message: object): void {
    this.emit('message', Buffer.from(JSON.stringify(message)), false);
  }
}

const world = new DeskWorld();
function open(n: number): { socket: FakeSocket; session: Session } {
  const socket = new FakeSocket();
  const log = pino({ level: 'silent' });
  const { desk, fleet } = world;
  const where = { source: '10.0.0.1', trackerHost: undefined, onAnnounce: () => undefined };
  const parts = { desk, fleet, pageOrigins: [], log, ...where };
  const session = new Session(socket as unknown as WebSocket, parts);
  if (n > 0) socket.say({ kind: 'hello', version: 1, peerId: peerId(n), port: 4_000, agent: 'test' });
  return { socket, session };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a session', () => {
  it('must say hello in time', () => {
    const { socket } = open(0);
    vi.advanceTimersByTime(LIMITS.helloMs - 1);
    expect(socket.closed).toBeUndefined();
    vi.advanceTimersByTime(1);
    expect(socket.closed).toBe('timed-out');
  });

  it('that said hello has all the time', () => {
    const { socket } = open(1);
    vi.advanceTimersByTime(LIMITS.helloMs * 10);
    expect(socket.closed).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is cut when it misses two pings', () => {
    const { socket, session } = open(1);
    session.connection.ping();
    session.connection.ping();
    expect(socket.isTerminated).toBe(false);
    session.connection.ping();
    expect([socket.pings, socket.isTerminated]).toEqual([2, true]);
  });

  it('lives on while it answers pings', () => {
    const { socket, session } = open(1);
    for (let round = 0; round < 5; round++) {
      session.connection.ping();
      socket.emit('pong');
    }
    expect(socket.isTerminated).toBe(false);
  });

  it('that does not read what it is sent is cut, and gone', async () => {
    const { socket } = open(1);
    socket.say({ kind: 'announce', swarms: [{ infoHash: infoHash(1), left: 5 }] });
    const before = socket.sent.length;
    socket.bufferedAmount = LIMITS.sessionQueueBytes + 1;
    const { socket: other } = open(2);
    other.say({ kind: 'announce', swarms: [{ infoHash: infoHash(1), left: 0 }] });
    await vi.waitFor(() => {
      expect(socket.isTerminated).toBe(true);
    });
    expect(socket.sent).toHaveLength(before);
    expect(world.registry.counts(infoHash(1))).toEqual({ seeders: 1, leechers: 0 });
  });
});
