import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { AgentApi } from '@shoal/client';
import { peerIdOf, type AgentStatus } from '@shoal/protocol';
import { afterEach, expect, test } from 'vitest';
import { checkReachability } from '../../src/doctor/reachability-check.ts';
import { anAgent } from '../samples.ts';

const tracker = 'http://tracker.example';
const { signal } = new AbortController();
const at = { host: '198.51.100.7', port: 7000 };

type Entry = AgentStatus['trackers'][number];

/** An agent whose sessions stand like this, one state after the other. */
function agentWith(...states: readonly Partial<Entry>[]): AgentApi {
  const left = [...states];
  return anAgent({
    status: () => {
      const state = left.length > 1 ? left.shift() : left[0];
      const trackers: Entry[] = [{ url: tracker, isConnected: true, reachability: 'unknown', ...state }];
      return Promise.resolve({
        peerId: peerIdOf(new Uint8Array(32)),
        version: '0',
        port: 7000,
        trackers,
        transfers: [],
      });
    },
  });
}

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

test('asks the session that the agent has', async () => {
  const agent = agentWith({ reachability: 'reachable', reachableAt: at, observedHost: at.host });
  expect(await checkReachability({ tracker, agent, signal })).toEqual({
    state: 'reachable',
    reachableAt: at,
    observedHost: at.host,
  });
});

test('waits until the tracker has tried', async () => {
  const agent = agentWith({}, {}, { reachability: 'unreachable', observedHost: at.host });
  const advertised = { host: 'builds.example', port: 7000 };
  expect(await checkReachability({ tracker, agent, advertised, signal })).toEqual({
    state: 'unreachable',
    observedHost: at.host,
    advertised,
  });
});

test('gives up on a tracker that does not tell, and on one that keeps no session', async () => {
  const patienceMs = 1;
  expect(await checkReachability({ tracker, agent: agentWith({}), signal, patienceMs })).toEqual({ state: 'unknown' });
  const problem = { code: 'tracker-refused', message: 'status 404', hint: '' };
  const lost = agentWith({ isConnected: false, problem });
  expect(await checkReachability({ tracker, agent: lost, signal, patienceMs })).toEqual({
    state: 'no-session',
    reason: 'status 404',
  });
});

test('opens a session where the agent has none, and says when that is refused', async () => {
  server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n'));
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const fact = await checkReachability({ tracker: url, agent: agentWith({}), signal });
  expect(fact).toEqual({ state: 'no-session', reason: expect.stringContaining('status 404') as unknown });
});

test('ends when the person stops it', async () => {
  const stopping = new AbortController();
  const check = checkReachability({ tracker, agent: agentWith({}), signal: stopping.signal });
  stopping.abort(new Error('stopped'));
  await expect(check).rejects.toThrow('stopped');
});
