import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkTracker } from '../../src/doctor/tracker-check.ts';

const { signal } = new AbortController();
let servers: Server[];

beforeEach(() => {
  servers = [];
});
afterEach(() => {
  for (const server of servers) server.close();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** A tracker that is well, whose clock goes wrong by this. */
function wellWith(behindMs: number): RequestListener {
  return (_request, response) => {
    response.setHeader('date', new Date(Date.now() - behindMs).toUTCString());
    response.end('{"status":"ok"}');
  };
}

test('a tracker that is well has no trouble and tells the time', async () => {
  const url = await serve(wellWith(0));
  const fact = await checkTracker(url, signal);
  expect(fact).toEqual({ url, clockAheadMs: expect.any(Number) as unknown });
  expect(Math.abs(fact.clockAheadMs ?? Infinity)).toBeLessThan(30_000);
});

test.each([-7_200_000, 7_200_000])('tells how far the clock is ahead of the tracker’s: %d ms', async (behindMs) => {
  const { clockAheadMs = 0 } = await checkTracker(await serve(wellWith(behindMs)), signal);
  expect(Math.abs(clockAheadMs - behindMs)).toBeLessThan(30_000);
});

test('what is no tracker is unwell, and a tracker that says so too', async () => {
  const page = await serve((_request, response) => response.end('<h1>It works</h1>'));
  expect(await checkTracker(page, signal)).toMatchObject({ trouble: 'unwell' });
  const sick = await serve((_request, response) => {
    response.writeHead(503).end('{"code":"database-unavailable","message":"no database","hint":"x"}');
  });
  expect(await checkTracker(sick, signal)).toMatchObject({
    trouble: 'unwell',
    reason: expect.stringContaining('database-unavailable') as unknown,
  });
});

test('a port at which nobody listens refuses', async () => {
  const url = await serve(wellWith(0));
  const [server] = servers;
  server?.close();
  expect(await checkTracker(url, signal)).toEqual({ url, trouble: 'refused', reason: 'ECONNREFUSED' });
});

test.each([
  ['ENOTFOUND', 'unknown-name'],
  ['EAI_AGAIN', 'unknown-name'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'silent'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'silent'],
  ['CERT_HAS_EXPIRED', 'certificate'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
])('%s of the system is named %s', async (code, trouble) => {
  const failing = (): Promise<Response> =>
    Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code }) }));
  const url = 'https://tracker.example';
  expect(await checkTracker(url, signal, failing)).toEqual({ url, trouble, reason: code });
});

test('ends when the person stops it', async () => {
  const url = await serve(() => undefined);
  const stopping = new AbortController();
  const check = checkTracker(url, stopping.signal);
  stopping.abort(new Error('stopped'));
  await expect(check).rejects.toThrow('stopped');
});
