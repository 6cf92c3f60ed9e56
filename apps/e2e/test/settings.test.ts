import { mkdir, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '@shoal/protocol';
import type { Machine } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';

const scene = useScene();
const [OK, FAILURE, USAGE] = [0, 1, 2];

interface SettingReport {
  readonly key: string;
  readonly value?: unknown;
  readonly source: string;
}

interface Finding {
  readonly mark: string;
  readonly about: string;
  readonly says: string;
  readonly advice?: string;
}

async function settingsOf(machine: Machine, ...args: readonly string[]): Promise<Record<string, SettingReport>> {
  const { stdout } = await machine.run('config', '--json', ...args);
  const reports = JSON.parse(stdout) as SettingReport[];
  return Object.fromEntries(reports.map((report) => [report.key, report]));
}

async function findings(machine: Machine, exit: number, ...args: readonly string[]): Promise<Record<string, Finding>> {
  const program = machine.shoal('doctor', '--json', ...args);
  expect(await program.ended(), program.output).toEqual({ code: exit, signal: null });
  return Object.fromEntries((JSON.parse(program.stdout) as Finding[]).map((finding) => [finding.about, finding]));
}

describe('shoal config', () => {
  it('shows every setting, its value and where it comes from, the flag before the variable before the file', async () => {
    const machine = await scene.machine('one');
    const file = join(machine.home, 'config.yaml');
    await writeFile(
      file,
      "tracker: file.example\nport: 1\nhost: file.example\nmirror: ['builds-*']\nshare: [builds]\n",
    );
    machine.setVariable('SHOAL_PORT', '2');
    machine.setVariable('SHOAL_HOST', '127.0.0.1');
    const settings = await settingsOf(machine, '--port', '3', '--upload-limit', '1M');
    expect(settings).toMatchObject({
      config: { value: file, source: 'default' },
      home: { value: machine.home, source: 'environment SHOAL_HOME' },
      tracker: { value: 'http://file.example', source: `file ${file}` },
      port: { value: 3, source: 'flag' },
      host: { value: '127.0.0.1', source: 'environment SHOAL_HOST' },
      share: { value: [join(machine.home, 'builds')], source: `file ${file}` },
      mirror: { value: ['builds-*'], source: `file ${file}` },
      uploadLimit: { value: 1_048_576, source: 'flag' },
      downloads: { value: join(machine.home, 'downloads'), source: 'default' },
    });
    expect((await machine.run('config')).stdout).toMatch(/^port +2 +environment SHOAL_PORT$/m);
  });

  it('reads the JSON file that --config names, relative paths from its own folder', async () => {
    const machine = await scene.machine('one');
    await mkdir(machine.path('etc'));
    await writeFile(machine.path('etc/shoal.json'), '{"downloads":"here"}');
    const { downloads } = await settingsOf(machine, '--config', 'etc/shoal.json');
    expect(downloads).toEqual({
      key: 'downloads',
      value: machine.path('etc/here'),
      source: `file ${machine.path('etc/shoal.json')}`,
    });
  });
});

describe('a wrong setting', () => {
  it.each<[string, (machine: Machine) => Promise<unknown>, readonly string[], RegExp]>([
    ['flag', () => Promise.resolve(), ['--port', '70000'], /--port: "70000" must be a number from 0 to 65535/],
    [
      'variable',
      (machine) => {
        machine.setVariable('SHOAL_LOG_LEVEL', 'loud');
        return Promise.resolve();
      },
      [],
      /SHOAL_LOG_LEVEL: "loud" must be one of debug, info, warn, error/,
    ],
    [
      'value in the file',
      (machine) => writeFile(join(machine.home, 'config.yaml'), 'tracker: ftp://x'),
      [],
      /tracker in \S+config\.yaml: "ftp:\/\/x" must be an address/,
    ],
    [
      'key in the file',
      (machine) => writeFile(join(machine.home, 'config.json'), '{"trakcer":"x"}'),
      [],
      /config\.json: "trakcer" is unknown; known are home, tracker, /,
    ],
    ['pair', () => Promise.resolve(), ['--mirror', '*'], /--mirror: it needs a tracker/],
    [
      'place for the downloads',
      () => Promise.resolve(),
      ['--tracker', 'localhost:1', '--share', 'a', '--downloads', 'a/b'],
      /--share \(\S+\/a\) and --downloads \(\S+\/a\/b\): they lie one in the other/,
    ],
    [
      'address',
      () => Promise.resolve(),
      ['--host', '192.0.2.1'],
      /192\.0\.2\.1, port 0: this machine has no such address/,
    ],
  ])('%s stops the agent with exit code 2 and is named, with what is allowed', async (_what, prepare, args, text) => {
    const machine = await scene.machine('one');
    await prepare(machine);
    const program = machine.shoal('agent', ...args);
    expect(await program.ended(), program.output).toEqual({ code: USAGE, signal: null });
    expect(program.stderr).toMatch(text);
    expect(program.stderr).toContain(ERRORS['bad-config']);
  });
});

describe('an agent that cannot start says so in one line', () => {
  it('when its home is a file', async () => {
    const machine = await scene.machine('one');
    await rm(machine.home, { recursive: true });
    await writeFile(machine.home, '');
    const program = machine.shoal('agent');
    expect((await program.ended()).code).toBe(USAGE);
    expect(program.stderr).toMatch(/^error: opening \S+ \(SHOAL_HOME\): it is not a folder/);
  });

  it('when its port is taken', async () => {
    const machine = await scene.machine('one');
    const occupier = createServer().listen(0);
    await once(occupier, 'listening');
    const { port } = occupier.address() as AddressInfo;
    const program = machine.shoal('agent', '--port', String(port));
    const { code } = await program.ended();
    const { port: finding } = await findings(machine, FAILURE, '--port', String(port));
    occupier.close();
    expect([code, program.stderr]).toEqual([FAILURE, expect.stringContaining(ERRORS['port-in-use'])]);
    expect(finding).toMatchObject({ mark: 'problem', says: expect.stringContaining('taken') as unknown });
  });
});

it('a command takes its tracker from the settings file', async () => {
  const machine = await scene.machine('one');
  const { url } = await machine.startTracker();
  await writeFile(join(machine.home, 'config.json'), JSON.stringify({ tracker: url }));
  await writeFile(machine.path('news.txt'), 'What happened today\n');
  const share = machine.shoal('share', 'news.txt');
  await share.printed(/Seeding until Ctrl-C/);
  expect((await machine.run('search', 'news')).stdout).toContain('news.txt');
});

it('a flag that sets up a peer comes too late for the daemon, and a command without one uses it', async () => {
  const machine = await scene.machine('one');
  await machine.startAgent('--host', '127.0.0.1');
  await writeFile(machine.path('news.txt'), 'What happened today\n');
  const late = machine.shoal('share', 'news.txt', 'localhost:1', '--port', '7000');
  expect((await late.ended()).code).toBe(USAGE);
  expect(late.stderr).toContain('setting --port: the agent of this user runs already');
  await machine.run('share', 'news.txt', 'localhost:1');
});

it('the log is a text for people where that is set, without colours in a file', async () => {
  const machine = await scene.machine('one');
  const { program } = await machine.startAgent('--log-format', 'text', '--host', '127.0.0.1');
  await program.printed(/^\d\d:\d\d:\d\d the agent is running .*\n/m);
  await program.stop('SIGTERM');
  expect(program.stderr).toMatch(/^\d\d:\d\d:\d\d the agent is stopping$/m);
  expect(program.stderr).not.toContain('\u001b');
  expect(program.stderr).not.toMatch(/[{}]/);
});

describe('shoal doctor', () => {
  it('finds an agent well before it runs and while it runs', async () => {
    const machine = await scene.machine('one');
    const { url } = await machine.startTracker();
    await mkdir(machine.path('builds'));
    const flags = ['--tracker', url, '--share', 'builds'];
    const before = await findings(machine, OK, ...flags);
    expect(Object.keys(before)).toEqual([
      'settings',
      'home',
      'downloads',
      'share',
      'port',
      'tracker',
      'clock',
      'reachability',
    ]);
    expect(before).toMatchObject({ port: { mark: 'ok' }, tracker: { mark: 'ok' }, reachability: { mark: 'ok' } });
    const agent = await machine.startAgent(...flags);
    const { port } = await agent.control.status();
    const during = await findings(machine, OK, ...flags);
    expect(during.port?.says).toBe(`port ${String(port)} is held by the agent that runs`);
    expect(during.reachability?.says).toContain(`127.0.0.1:${String(port)}`);
  });

  it('says what is wrong, what that means and what to set', async () => {
    const machine = await scene.machine('one');
    const { program: tracker, url } = await machine.startTracker();
    await tracker.stop();
    const program = machine.shoal('doctor', '--tracker', url, '--share', 'gone');
    expect((await program.ended()).code).toBe(FAILURE);
    expect(program.stdout).toMatch(
      /^problem +the watched folder \S+gone is not there → make it a folder, or take it out of/m,
    );
    expect(program.stdout).toMatch(/^problem +the tracker \S+ does not run there \(ECONNREFUSED\) → .*--tracker$/m);
  });
});
