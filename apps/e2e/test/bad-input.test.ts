import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ERRORS, type ErrorCode, type MetainfoDocument } from '@shoal/protocol';
import type { Machine } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';

const scene = useScene();
const FAILURE = 1;
const USAGE = 2;

/** One mistake or lie: what a person types after `prepare`, and the code that must come back. */
interface Trouble {
  readonly what: string;
  readonly args: readonly string[];
  readonly code: ErrorCode;
  readonly exit: number;
  readonly prepare?: (machine: Machine) => Promise<unknown>;
}

const TROUBLES: readonly Trouble[] = [
  { what: 'a command that does not exist', args: ['shrae', 'x'], code: 'bad-argument', exit: USAGE },
  { what: 'an option that does not exist', args: ['files', '--colour'], code: 'bad-argument', exit: USAGE },
  { what: 'a missing argument', args: ['share'], code: 'bad-argument', exit: USAGE },
  {
    what: 'a tracker that is no address',
    args: ['create', 'good.txt', 'not a tracker'],
    code: 'bad-tracker-url',
    exit: USAGE,
  },
  { what: 'a port that is none', args: ['tracker', '70000'], code: 'bad-config', exit: USAGE },
  { what: 'a file that is missing', args: ['share', 'gone.txt', 'localhost:1'], code: 'not-found', exit: FAILURE },
  {
    what: 'a file without a byte',
    args: ['share', 'empty.txt', 'localhost:1'],
    code: 'empty-share',
    exit: FAILURE,
    prepare: (m) => writeFile(m.path('empty.txt'), ''),
  },
  {
    what: 'a folder without a file',
    args: ['create', 'hollow', 'localhost:1'],
    code: 'empty-share',
    exit: FAILURE,
    prepare: (m) => mkdir(m.path('hollow')),
  },
  { what: 'a .torrent that is missing', args: ['download', 'gone.torrent'], code: 'not-found', exit: FAILURE },
  {
    what: 'a .torrent that is not JSON',
    args: ['download', 'bad.torrent'],
    code: 'bad-json',
    exit: FAILURE,
    prepare: (m) => writeFile(m.path('bad.torrent'), 'd8:announce'),
  },
  {
    what: 'a .torrent that is cut off',
    args: ['download', 'bad.torrent'],
    code: 'bad-json',
    exit: FAILURE,
    prepare: (m) => forge(m, (text) => text.slice(0, -20)),
  },
  {
    what: 'a .torrent that lacks a field',
    args: ['download', 'bad.torrent'],
    code: 'bad-metainfo',
    exit: FAILURE,
    prepare: (m) => forge(m, (text) => text.replace('"pieces"', '"peaces"')),
  },
  {
    what: 'a path that leaves its folder',
    args: ['download', 'bad.torrent'],
    code: 'unsafe-path',
    exit: FAILURE,
    prepare: (m) => rename(m, '..'),
  },
  {
    what: 'a path with a slash in it',
    args: ['download', 'bad.torrent'],
    code: 'unsafe-path',
    exit: FAILURE,
    prepare: (m) => rename(m, '../../etc/passwd'),
  },
  {
    what: 'a name that Windows reserves',
    args: ['verify', 'bad.torrent'],
    code: 'unsafe-path',
    exit: FAILURE,
    prepare: (m) => rename(m, 'CON'),
  },
  {
    what: 'a target that is there already and something else',
    args: ['download', 'good.txt.torrent'],
    code: 'target-exists',
    exit: FAILURE,
    prepare: (m) => writeFile(m.path('good.txt'), 'other'),
  },
  {
    what: 'a .torrent that is there already and something else',
    args: ['create', 'good.txt', 'localhost:1'],
    code: 'target-exists',
    exit: FAILURE,
    prepare: (m) => writeFile(m.path('good.txt'), 'other'),
  },
  {
    what: 'a tracker that does not answer',
    args: ['search', 'x', '--tracker', 'localhost:1'],
    code: 'tracker-unreachable',
    exit: FAILURE,
  },
  { what: 'a peer that does not answer', args: ['connect', 'localhost', '1'], code: 'peer-unreachable', exit: FAILURE },
  { what: 'no agent to ask', args: ['status'], code: 'agent-unreachable', exit: FAILURE },
];

describe.each(TROUBLES)('$what', ({ args, code, exit, prepare }) => {
  it(`is answered with ${code}, a hint and exit code ${exit}`, async () => {
    const machine = await machineWithAFile();
    await prepare?.(machine);
    const program = machine.shoal(...args);
    expect(await program.ended(), program.output).toEqual({ code: exit, signal: null });
    expect(program.stderr).toMatch(/^error: .{10}/m);
    expect(program.stderr).toContain(ERRORS[code]);
    expect(program.stderr).not.toMatch(/^\s+at .+:\d+:\d+|\[object Object\]/m);
    expect(program.stdout).toBe('');
  });
});

describe('a tracker', () => {
  it('says that its port is in use', async () => {
    const machine = await scene.machine('one');
    const occupier = createServer();
    const port = await listen(occupier);
    const program = machine.shoal('tracker', String(port));
    const { code } = await program.ended();
    occupier.close();
    expect([code, program.output]).toEqual([FAILURE, expect.stringContaining(ERRORS['port-in-use'])]);
  });

  it('says that nobody registered a share', async () => {
    const machine = await scene.machine('one');
    const { url } = await machine.startTracker();
    const program = machine.shoal('download', 'ab'.repeat(32), '--tracker', url);
    expect([(await program.ended()).code, program.stderr]).toEqual([
      FAILURE,
      expect.stringContaining(ERRORS['unknown-share']),
    ]);
  });

  it('that hands out another share than was asked for is not believed', async () => {
    const [home, anna] = [await machineWithAFile(), await scene.machine('anna')];
    const document = await readFile(home.path('good.txt.torrent'), 'utf8');
    const liar = createHttpServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(document);
    });
    const port = await listen(liar);
    const program = anna.shoal('download', 'ab'.repeat(32), '--tracker', `localhost:${port}`);
    const { code } = await program.ended();
    liar.close();
    expect([code, program.stderr]).toEqual([FAILURE, expect.stringContaining(ERRORS['wrong-info-hash'])]);
  });
});

it('sharing without a tracker says so and goes on', async () => {
  const machine = await scene.machine('one');
  await writeFile(machine.path('good.txt'), 'good\n');
  const share = machine.shoal('share', 'good.txt', 'localhost:1');
  await share.printed(/Not registered yet/);
  expect(share.output).toContain(ERRORS['tracker-unreachable']);
  expect(share.isRunning).toBe(true);
});

async function listen(server: Server): Promise<number> {
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

it('downloading without a tracker says so and goes on', async () => {
  const [home, anna] = [await machineWithAFile(), await scene.machine('anna')];
  const download = anna.shoal('download', home.path('good.txt.torrent'));
  await download.printed(/http:\/\/localhost:1\b.*/);
  expect(download.isRunning).toBe(true);
});

/** A machine with `good.txt` and its `.torrent`. */
async function machineWithAFile(): Promise<Machine> {
  const machine = await scene.machine('one');
  await writeFile(machine.path('good.txt'), 'good\n');
  await machine.run('create', 'good.txt', 'localhost:1');
  return machine;
}

/** Writes `bad.torrent`, a changed copy of `good.txt.torrent`. */
async function forge(machine: Machine, change: (text: string) => string): Promise<void> {
  await writeFile(machine.path('bad.torrent'), change(await readFile(machine.path('good.txt.torrent'), 'utf8')));
}

function rename(machine: Machine, name: string): Promise<void> {
  return forge(machine, (text) => {
    const document = JSON.parse(text) as MetainfoDocument;
    const files = document.info.files.map((file) => ({ ...file, path: [name] }));
    return JSON.stringify({ ...document, info: { ...document.info, name, files } });
  });
}
