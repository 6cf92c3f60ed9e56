import { peerIdOf, ShoalError, type Transfer } from '@shoal/protocol';
import { expect, test } from 'vitest';
import type { Command, CommandOptions } from '../../src/commands/command.ts';
import { connectCommand } from '../../src/commands/connect.ts';
import { pickTransfer, removeCommand } from '../../src/commands/daemon.ts';
import { exitCommand } from '../../src/commands/exit.ts';
import { filesCommand, peersCommand, statusCommand } from '../../src/commands/reports.ts';
import { runCommand } from '../../src/commands/run-command.ts';
import { Output } from '../../src/drawing/output.ts';
import type { Session } from '../../src/session.ts';
import { anAgent, aSession, aTransfer, hashNumber, plainScreen, sessionWith, settingsOf } from '../samples.ts';

const peerId = peerIdOf(new Uint8Array(32));
const hostile = 'evil\u001b[2J\nname';
const peer = { host: '10.0.0.2', port: 5000, isConnected: true, swarms: 1, receivedBytes: 2048, sentBytes: 0 };

interface Ran {
  readonly code: number;
  readonly data: string;
  readonly notes: string;
}

async function run(
  command: Command,
  args: readonly string[],
  { session = {}, options = {} }: { session?: Partial<Session>; options?: CommandOptions },
): Promise<Ran> {
  const { screen, stdout, stderr } = plainScreen();
  const input = { args, options };
  const code = await runCommand({ command, input }, aSession(session), new Output(screen, options));
  return { code, data: stdout.text, notes: stderr.text };
}

test.each([peersCommand, filesCommand, statusCommand, removeCommand])(
  'says how to start an agent when $name has none to ask',
  async (command) => {
    const { code, data, notes } = await run(command, ['x'], {});
    expect([code, data]).toEqual([1, '']);
    expect(notes).toContain('shoal agent');
  },
);

test('lists files as a table for people and whole for programs', async () => {
  const transfers: Transfer[] = [
    aTransfer({ state: 'seeding' }),
    aTransfer({ name: hostile, infoHash: hashNumber(2) }),
  ];
  const session = sessionWith(anAgent({ transfers: () => Promise.resolve(transfers) }));
  const { data } = await run(filesCommand, [], { session });
  expect(data).toContain('complete');
  expect(data).toContain('downloading, 50.0 %');
  expect(data.split('\n')).toHaveLength(7);
  expect(data).not.toContain('\u001b');
  const { data: json } = await run(filesCommand, [], { session, options: { json: true } });
  expect(JSON.parse(json)).toEqual(transfers);
});

test('writes an empty list as JSON, and a word for people on stderr', async () => {
  const session = sessionWith(anAgent({ transfers: () => Promise.resolve([]) }));
  expect(await run(filesCommand, [], { session })).toEqual({ code: 0, data: '', notes: 'Nothing is shared yet.\n' });
  const { data } = await run(filesCommand, [], { session, options: { json: true, quiet: true } });
  expect(data).toBe('[]\n');
});

test('is silent but for results and errors when that is asked for', async () => {
  const session = sessionWith(anAgent({ transfers: () => Promise.resolve([]) }));
  expect(await run(filesCommand, [], { session, options: { quiet: true } })).toEqual({ code: 0, data: '', notes: '' });
  const { notes } = await run(filesCommand, [], { options: { quiet: true } });
  expect(notes).toContain('error:');
});

test('lists peers with their addresses', async () => {
  const known = { ...peer, host: 'fe80::1', isConnected: false };
  const session = sessionWith(anAgent({ peers: () => Promise.resolve([{ ...peer, agent: hostile }, known]) }));
  const { data } = await run(peersCommand, [], { session });
  expect(data).toMatch(/10\.0\.0\.2:5000 +connected +2 KiB/);
  expect(data).toMatch(/\[fe80::1\]:5000 +known/);
  expect(data).not.toContain('\u001b');
});

test('shows the trouble with a tracker in the status', async () => {
  const problem = { code: 'tracker-unreachable', message: 'nobody answers', hint: 'start it' };
  const status = {
    peerId,
    version: '0.1.0',
    port: 5000,
    trackers: [{ url: 'http://localhost:8000', isConnected: false, problem, reachability: 'unknown' as const }],
    transfers: [aTransfer()],
  };
  const session = sessionWith(anAgent({ status: () => Promise.resolve(status) }));
  const { data } = await run(statusCommand, [], { session });
  expect(data).toContain('tracker http://localhost:8000: nobody answers');
  expect(data).toContain('50.0 %');
});

test('shows the status until the person has had enough', async () => {
  const controller = new AbortController();
  let asked = 0;
  const status = () => {
    if (++asked === 2) controller.abort();
    return Promise.resolve({ peerId, version: '', port: 1, trackers: [], transfers: [] });
  };
  const session = { ...sessionWith(anAgent({ status })), signal: controller.signal };
  expect(await run(statusCommand, [], { session, options: { watch: true } })).toMatchObject({ code: 0 });
  expect(asked).toBe(2);
});

test('connects, and names the peer', async () => {
  const session = sessionWith(anAgent({ connect: () => Promise.resolve({ ...peer, agent: 'shoal/0.1.0' }) }));
  const { code, data } = await run(connectCommand, ['10.0.0.2', '5000'], { session });
  expect([code, data]).toEqual([0, 'Connected to 10.0.0.2:5000 (shoal/0.1.0, peer )\n']);
});

test.each(['0', 'http', '70000'])('does not dial port %s', async (port) => {
  expect(await run(connectCommand, ['localhost', port], {})).toMatchObject({ code: 2 });
});

test('removes by name or info hash, but never one of two', () => {
  const one = aTransfer();
  const two = aTransfer({ infoHash: hashNumber(2) });
  expect(pickTransfer('photos', [one])).toBe(one);
  expect(pickTransfer(hashNumber(2).toUpperCase(), [one, two])).toBe(two);
  expect(() => pickTransfer('photos', [one, two])).toThrow(expect.objectContaining({ code: 'ambiguous-name' }));
  expect(() => pickTransfer('other', [one])).toThrow(expect.objectContaining({ code: 'unknown-share' }));
});

test('tells a program what went wrong as JSON', async () => {
  const refused = () => Promise.reject(new ShoalError('peer-unreachable', `dialling ${hostile}`));
  const session = sessionWith(anAgent({ connect: refused }));
  const { code, data, notes } = await run(connectCommand, ['a', '1'], { session, options: { json: true } });
  expect([code, data]).toEqual([1, '']);
  expect(JSON.parse(notes)).toMatchObject({ error: { code: 'peer-unreachable', message: `dialling ${hostile}` } });
});

test('shows no stack of a defect, and no control characters of a stranger', async () => {
  const session = sessionWith(anAgent({ connect: () => Promise.reject(new Error(hostile)) }));
  const { notes } = await run(connectCommand, ['a', '1'], { session });
  expect(notes.split('\n')).toEqual([
    'error: evil�name (internal)',
    '  This is a defect of Shoal; please report it with the log.',
    '',
  ]);
  const settings = settingsOf({ SHOAL_DEBUG: '1' });
  expect((await run(connectCommand, ['a', '1'], { session: { ...session, settings } })).notes).toContain('    at ');
});

test.each([
  ['content-mismatch', 3],
  ['bad-argument', 2],
  ['bad-config', 2],
  ['bad-tracker-url', 2],
  ['disk-full', 1],
  ['tracker-unreachable', 1],
] as const)('exits after %s with %i', async (code, exit) => {
  const session = sessionWith(anAgent({ connect: () => Promise.reject(new ShoalError(code, 'x')) }));
  expect(await run(connectCommand, ['a', '1'], { session })).toMatchObject({ code: exit });
});

test('exits with 130 when the person stopped it', async () => {
  const controller = new AbortController();
  const connect = (): Promise<never> => {
    controller.abort();
    return Promise.reject(new Error('aborted'));
  };
  const session = { ...sessionWith(anAgent({ connect })), signal: controller.signal };
  expect(await run(connectCommand, ['a', '1'], { session })).toEqual({ code: 130, data: '', notes: '' });
});

test('leaves the prompt', async () => {
  let hasLeft = false;
  await run(exitCommand, [], { session: { leave: () => (hasLeft = true) } });
  expect(hasLeft).toBe(true);
});
