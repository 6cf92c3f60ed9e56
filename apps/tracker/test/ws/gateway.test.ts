import { once } from 'node:events';
import { createServer } from 'node:http';
import { SESSION_PATH } from '@shoal/protocol';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sessionGateway } from '../../src/ws/session-gateway.ts';
import { DeskWorld } from '../core/desk-world.ts';

it('a gateway takes as many sessions as it may, and tells the next to come back later', async () => {
  const { desk, fleet } = new DeskWorld();
  const gateway = sessionGateway({
    desk,
    fleet,
    pageOrigins: [],
    log: pino({ level: 'silent' }),
    maxSessions: 1,
    sourceOf: () => '127.0.0.1',
    trackerHostOf: () => undefined,
    onAnnounce: () => undefined,
  });
  const server = createServer().on('upgrade', (request, socket, head) => {
    gateway.upgrade(request, socket, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `ws://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}${SESSION_PATH}`;

  const first = new WebSocket(url);
  await once(first, 'open');
  const second = new WebSocket(url);
  const [, response] = (await once(second, 'unexpected-response')) as [
    unknown,
    { statusCode: number; headers: object },
  ];
  expect(response.statusCode).toBe(503);
  expect(response.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^\d+$/) as string });
  second.on('error', () => undefined).terminate();

  const closed = once(first, 'close');
  await gateway.stop();
  expect((await closed)[0]).toBe(1001);
  expect(gateway.size).toBe(0);
  server.close();
});
