import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@shoal/engine';
import { PEER_PATH, PEER_SUBPROTOCOL, type PeerId } from '@shoal/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Agent } from '../../src/agent/agent.ts';
import { createAgent } from '../../src/agent/create-agent.ts';
import { aMetainfo, hashNumber } from '../samples.ts';

const ignore = (): void => undefined;
const log: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const NAMED_BY_TRACKER = 'https://named.example';
const NAMED_BY_OWNER = 'https://owner.example';

let folder: string;
let tracker: Server;
let trackerUrl: string;
let agent: Agent;

/** A tracker that says hello to whoever comes and names a page; that is all it can. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
  await writeFile(join(folder, 'hello.txt'), 'hello');
  const welcome = JSON.stringify({
    kind: 'welcome',
    version: 1,
    observedHost: '127.0.0.1',
    pageOrigins: [NAMED_BY_TRACKER],
  });
  tracker = createServer((_call, answer) => answer.writeHead(503).end()).on('upgrade', ({ headers }, socket) => {
    const key = `${String(headers['sec-websocket-key'])}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    const head = ['101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write(`HTTP/1.1 ${head.join('\r\n')}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.write(Buffer.concat([Buffer.from([0x81, 126, 0, welcome.length]), Buffer.from(welcome)]));
  });
  await once(tracker.listen(0, '127.0.0.1'), 'listening');
  trackerUrl = `http://127.0.0.1:${String((tracker.address() as AddressInfo).port)}`;
  const peer = { host: '127.0.0.1', pageOrigins: [NAMED_BY_OWNER] };
  agent = await createAgent({ peerId: hashNumber(1) as string as PeerId, peer, log });
});
afterEach(async () => {
  await agent.shutdown();
  tracker.closeAllConnections();
  tracker.close();
  await rm(folder, { recursive: true, force: true });
});

/** The status with which the agent answers a page that asks for a link. */
function askAs(origin: string): Promise<number> {
  const call = request({
    host: '127.0.0.1',
    port: agent.port,
    path: PEER_PATH,
    headers: {
      Origin: origin,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': PEER_SUBPROTOCOL,
    },
  });
  return new Promise((resolve, reject) => {
    call.on('error', reject).on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve(answer.statusCode ?? 0);
    });
    call.end();
  });
}

test('an agent that uses no tracker accepts only the pages that its owner names', async () => {
  expect(await askAs(NAMED_BY_OWNER)).toBe(101);
  for (const origin of [trackerUrl, NAMED_BY_TRACKER, 'http://localhost', 'null'])
    expect(await askAs(origin)).toBe(403);
});

test('an agent accepts the pages of its tracker, and those that its tracker names', async () => {
  const metainfo = aMetainfo('hello.txt', 'hello', trackerUrl);
  await agent.addShare({ metainfo, path: join(folder, 'hello.txt') });
  expect(await askAs(trackerUrl)).toBe(101);
  await expect.poll(() => askAs(NAMED_BY_TRACKER)).toBe(101);
  for (const origin of ['https://stranger.example', `${trackerUrl}0`, 'null']) expect(await askAs(origin)).toBe(403);
});
