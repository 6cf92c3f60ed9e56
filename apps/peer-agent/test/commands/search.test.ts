import { ShoalError } from '@shoal/protocol';
import { expect, test } from 'vitest';
import { runCommand } from '../../src/commands/run-command.ts';
import { mergeHits, searchCommand } from '../../src/commands/search.ts';
import { Output } from '../../src/drawing/output.ts';
import type { Session } from '../../src/session.ts';
import { anAgent, aSession, hashNumber, plainScreen, sessionWith } from '../samples.ts';

/** Nobody listens on port 1. */
const UNREACHABLE = 'http://127.0.0.1:1';
const hit = { infoHash: hashNumber(1), name: 'photos', length: 10, files: ['2026/a.jpg'], peer: '10.0.0.2:5000' };

async function search(
  query: string,
  { tracker, agent = {} }: { tracker?: string; agent?: Partial<Session> } = {},
): Promise<{ code: number; data: string; notes: string }> {
  const { screen, stdout, stderr } = plainScreen();
  const input = { args: [query], options: tracker === undefined ? {} : { tracker } };
  const code = await runCommand({ command: searchCommand, input }, aSession(agent), new Output(screen, {}));
  return { code, data: stdout.text, notes: stderr.text };
}

const agentThatFinds = sessionWith(anAgent({ searchPeers: () => Promise.resolve([hit]) }));

test('shows what peers have although the tracker does not answer, and says so', async () => {
  const { code, data, notes } = await search('photo', { tracker: UNREACHABLE, agent: agentThatFinds });
  expect(code).toBe(0);
  expect(data).toBe(`photos  10 B\n  ${hit.infoHash}\n  inside: 2026/a.jpg\n  from peer 10.0.0.2:5000\n`);
  expect(notes).toContain(UNREACHABLE);
});

test('fails when everybody fails', async () => {
  expect(await search('photo', { tracker: UNREACHABLE })).toMatchObject({ code: 1, data: '' });
  const agent = sessionWith(anAgent({ searchPeers: () => Promise.reject(new ShoalError('timed-out', 'asking')) }));
  expect(await search('photo', { tracker: UNREACHABLE, agent })).toMatchObject({ code: 1, data: '' });
});

test('asks for a tracker when there is nobody to ask', async () => {
  const { code, notes } = await search('photo');
  expect([code, notes]).toEqual([2, expect.stringContaining('--tracker')]);
});

test('takes a query of 256 characters and refuses one more, or none', async () => {
  const most = 'q'.repeat(256);
  expect(await search(most, { tracker: UNREACHABLE })).toMatchObject({ code: 1 });
  expect(await search(`${most}q`, { tracker: UNREACHABLE })).toMatchObject({ code: 2 });
  expect(await search('', { tracker: UNREACHABLE })).toMatchObject({ code: 2 });
});

test('names every source of a share once, and believes the tracker first', () => {
  const found = { infoHash: hashNumber(1), name: 'photos', length: 10, matches: [] };
  expect(
    mergeHits([
      { ...found, sources: ['tracker http://one'], seeders: 1, leechers: 0 },
      { ...found, name: 'lie', sources: ['peer 10.0.0.2:5000'] },
      { ...found, infoHash: hashNumber(2), sources: ['peer 10.0.0.2:5000'] },
    ]),
  ).toEqual([
    { ...found, sources: ['tracker http://one', 'peer 10.0.0.2:5000'], seeders: 1, leechers: 0 },
    { ...found, infoHash: hashNumber(2), sources: ['peer 10.0.0.2:5000'] },
  ]);
});
