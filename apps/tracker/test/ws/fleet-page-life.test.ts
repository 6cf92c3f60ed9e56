import { EventEmitter } from 'node:events';
import { LIMITS, type View } from '@shoal/protocol';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { Page } from '../../src/core/fleet/page.ts';
import { FleetPage } from '../../src/ws/fleet-page.ts';
import { isOwnPage } from '../../src/ws/page-gateway.ts';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  isTerminated = false;
  readonly sent: string[] = [];

  send(text: string): void {
    this.sent.push(text);
  }
  ping(): void {
    return undefined;
  }
  terminate(): void {
    this.isTerminated = true;
    this.emit('close');
  }
}

function open() {
  const socket = new FakeSocket();
  const gone: Page[] = [];
  const looks: View[] = [];
  const fleet = {
    look: (_page: Page, view: View) => looks.push(view) > 0,
    leave: (page: Page) => void gone.push(page),
  };
  const page = new FleetPage(socket as unknown as WebSocket, { fleet, log: pino({ level: 'silent' }) });
  return { socket, page, gone, looks };
}

it('a page has room until the limit waits for it, and none beyond', () => {
  const { socket, page } = open();
  socket.bufferedAmount = LIMITS.fleetQueueBytes;
  expect(page.hasRoom()).toBe(true);
  socket.bufferedAmount = LIMITS.fleetQueueBytes + 1;
  expect(page.hasRoom()).toBe(false);
});

it('a page that asks at every letter looks once until it is told, and then where it asked last', async () => {
  const { socket, page, looks } = open();
  const queries = ['f', 'fi', 'fil', 'film'];
  for (const query of queries) {
    socket.emit('message', Buffer.from(JSON.stringify({ kind: 'look', view: { at: 'overview', query } })), false);
  }
  expect(looks).toEqual([{ at: 'overview', query: 'f' }]);
  page.send('{}');
  await Promise.resolve();
  expect(looks.slice(1)).toEqual([{ at: 'overview', query: 'film' }]);
});

it('a page hears of each ping, which its browser keeps to itself', () => {
  const { socket, page } = open();
  socket.sent.length = 0;
  page.connection.ping();
  expect(socket.sent).toEqual(['{"kind":"alive"}']);
});

it('a page that misses two pings is cut, and looks no longer', () => {
  const { socket, page, gone } = open();
  page.connection.ping();
  socket.emit('pong');
  for (let round = 0; round < 2; round++) page.connection.ping();
  expect(socket.isTerminated).toBe(false);
  page.connection.ping();
  expect([socket.isTerminated, gone]).toEqual([true, [page]]);
});

it.each([
  [undefined, 'tracker.example', true],
  ['http://tracker.example', 'tracker.example', true],
  ['https://tracker.example', 'tracker.example', true],
  ['https://tracker.example', 'tracker.example:443', true],
  ['http://tracker.example:8000', 'Tracker.example:8000', true],
  ['http://[::1]:8000', '[::1]:8000', true],
  ['http://tracker.example', 'tracker.example:8000', false],
  ['http://evil.example', 'tracker.example', false],
  ['http://tracker.example.evil.example', 'tracker.example', false],
  ['null', 'tracker.example', false],
  ['file://', 'tracker.example', false],
  ['http://tracker.example', undefined, false],
  ['http://tracker.example', 'a b', false],
])('a page of %s at %s is our own: %s', (origin, host, isOwn) => {
  expect(isOwnPage(origin, host)).toBe(isOwn);
});
