import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Program } from '../src/program.ts';
import { Sandbox } from '../src/sandbox.ts';

describe('a program', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.create();
  });
  afterEach(() => sandbox.clear());

  const script = (code: string): Program =>
    sandbox.start({ name: 'script', file: process.execPath, args: ['-e', code], cwd: sandbox.root, env: {} });

  it('is waited for until it prints', async () => {
    const program = script(`setTimeout(() => console.log('ready on port 17'), 20); setInterval(() => {}, 1000)`);
    const [, port] = await program.printed(/port (\d+)/);
    expect(port).toBe('17');
    expect(program.isRunning).toBe(true);
  });

  it('fails who waits for output when it ends without it, and says what it printed', async () => {
    await expect(script(`console.error('no disk'); process.exit(3)`).printed(/ready/)).rejects.toThrow(/no disk/);
  });

  it('answers what is typed after what was printed before', async () => {
    const program = script(`process.stdin.on('data', (line) => console.log('echo ' + line)); console.log('echo zero')`);
    await program.printed(/echo zero/);
    const from = program.type('one');
    expect((await program.printed(/echo (\w+)/, from))[1]).toBe('one');
  });

  it('keeps standard output and error apart, and both in order', async () => {
    const program = await script(`console.log('data'); console.error('talk')`).succeeded();
    expect([program.stdout, program.stderr]).toEqual(['data\n', 'talk\n']);
    expect(program.output).toHaveLength(10);
  });

  it('tells its exit code and the signal that ended it', async () => {
    expect(await script('process.exit(7)').ended()).toEqual({ code: 7, signal: null });
    const running = script('setInterval(() => {}, 1000)');
    expect(await running.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(running.succeeded()).rejects.toThrow('SIGKILL');
  });

  it('sees nothing of our environment', async () => {
    const program = await script('console.log(Object.keys(process.env).length)').succeeded();
    expect(program.stdout).toBe('0\n');
  });

  it('that cannot be started fails who waits', async () => {
    const program = sandbox.start({ name: 'nothing', file: './nothing', args: [], cwd: sandbox.root, env: {} });
    await expect(program.ended()).rejects.toThrow('ENOENT');
  });

  it('is asked to end before it is made to', async () => {
    const polite = script(
      `process.on('SIGTERM', () => process.exit(5)); console.log('up'); setInterval(() => {}, 1000)`,
    );
    await polite.printed(/up/);
    await polite.end();
    expect(await polite.ended()).toEqual({ code: 5, signal: null });
  });

  it('is ended with its sandbox, and the folder is gone', async () => {
    const other = await Sandbox.create();
    const program = other.start({
      name: 'script',
      file: process.execPath,
      args: ['-e', `setInterval(() => {}, 1000)`],
      cwd: await other.folder('inner'),
      env: {},
    });
    await other.clear();
    expect(program.isRunning).toBe(false);
    expect(existsSync(other.root)).toBe(false);
  });
});
