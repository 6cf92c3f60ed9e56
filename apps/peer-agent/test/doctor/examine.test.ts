import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentApi } from '@shoal/client';
import { peerIdOf, ShoalError, type AgentStatus } from '@shoal/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { examine, type Examination } from '../../src/doctor/examine.ts';
import type { AgentSettings, PeerSettings } from '../../src/settings/settings.ts';
import { anAgent } from '../samples.ts';

let folder: string;
let shutdowns: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
  shutdowns = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const status: AgentStatus = {
  peerId: peerIdOf(new Uint8Array(32)),
  version: '0',
  port: 7000,
  trackers: [],
  transfers: [],
};

function agent(): AgentApi {
  return anAgent({
    status: () => Promise.resolve(status),
    shutdown: () => {
      shutdowns++;
      return Promise.resolve();
    },
  });
}

function look(peer: PeerSettings, changes: Partial<Examination> & { tracker?: string } = {}): Examination {
  const settings: AgentSettings = {
    home: join(folder, 'home'),
    ...(changes.tracker === undefined ? {} : { tracker: changes.tracker }),
    peer,
    share: [folder, join(folder, 'gone')],
    mirror: [],
    downloads: folder,
    log: { level: 'info', format: 'json' },
  };
  const { signal } = new AbortController();
  const startAgent = (): Promise<AgentApi> => Promise.resolve(agent());
  const findDaemon = (): Promise<undefined> => Promise.resolve(undefined);
  return { settings, settingsFile: undefined, findDaemon, startAgent, signal, ...changes };
}

test('looks at every folder of the agent', async () => {
  const { settingsFile, home, downloads, shares } = await examine(look({}, { settingsFile: '/etc/shoal.yaml' }));
  expect(settingsFile).toBe('/etc/shoal.yaml');
  expect([home.exists, downloads.exists, ...shares.map(({ trouble }) => trouble)]).toEqual([
    false,
    true,
    undefined,
    'missing',
  ]);
});

test('starts an agent to see whether its port is free, and ends it', async () => {
  expect((await examine(look({ host: '127.0.0.1', port: 7001 }))).port).toEqual({
    state: 'free',
    host: '127.0.0.1',
    port: 7001,
  });
  expect((await examine(look({ port: 0 }))).port).toEqual({ state: 'free' });
  expect(shutdowns).toBe(2);
});

test.each([
  ['port-in-use', { state: 'taken', port: 7001 }],
  ['bad-config', { state: 'refused', port: 7001, reason: 'no such address' }],
] as const)('notes that listening fails with %s', async (code, port) => {
  const startAgent = (): Promise<AgentApi> => Promise.reject(new ShoalError(code, 'no such address'));
  expect((await examine(look({ port: 7001 }, { startAgent }))).port).toEqual(port);
});

test('leaves the daemon that runs as it is', async () => {
  const startAgent = (): Promise<AgentApi> => Promise.reject(new Error('not needed'));
  const { port } = await examine(look({ port: 7001 }, { findDaemon: () => Promise.resolve(agent()), startAgent }));
  expect(port).toEqual({ state: 'held-by-agent', port: 7000, wanted: 7001 });
  expect(shutdowns).toBe(0);
});

test('looks for no daemon in a home that cannot be used', async () => {
  await writeFile(join(folder, 'home'), '');
  const findDaemon = (): Promise<AgentApi> => Promise.reject(new Error('the control file cannot be read'));
  const facts = await examine(look({}, { findDaemon }));
  expect(facts.home.trouble).toBe('not-a-folder');
  expect(facts.port.state).toBe('free');
});

test('asks a tracker that is well about reachability, with what is advertised', async () => {
  const server = createServer((_request, response) => {
    response.setHeader('connection', 'close').end('{"status":"ok"}');
  }).listen(0, '127.0.0.1');
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n'));
  await once(server, 'listening');
  const tracker = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const advertise = { host: 'builds.example', port: 7000 };
  const well = await examine(look({ advertise }, { tracker }));
  expect(well).toMatchObject({
    tracker: { url: tracker },
    reachability: { state: 'no-session', advertised: advertise },
  });
  expect((await examine(look({}, { tracker }))).reachability).not.toHaveProperty('advertised');
  server.close();
  await once(server, 'close');

  const gone = await examine(look({ advertise }, { tracker }));
  expect(gone).toMatchObject({ tracker: { trouble: 'refused' } });
  expect(gone).not.toHaveProperty('reachability');
});

test('asks nobody about reachability without a tracker', async () => {
  const facts = await examine(look({}));
  expect(facts).not.toHaveProperty('tracker');
  expect(facts).not.toHaveProperty('reachability');
});
