import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, metainfo } from './metainfos.ts';

const MAIN = join(import.meta.dirname, '../src/main.ts');
const READY = /^Shoal tracker is running at (http:\/\/localhost:\d+)\n$/;

/** The program as somebody starts it, in a folder that has nothing to do with it. */
class Program {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly exit: Promise<number | NodeJS.Signals>;

  constructor(folder: string, args: readonly string[]) {
    const tsx = import.meta.resolve('tsx');
    const env = { PATH: process.env.PATH, HOME: folder, SHOAL_HOME: folder };
    this.child = spawn(process.execPath, ['--import', tsx, MAIN, ...args], { cwd: tmpdir(), env });
    this.child.stdout?.on('data', (chunk) => (this.stdout += String(chunk)));
    this.child.stderr?.on('data', (chunk) => (this.stderr += String(chunk)));
    this.exit = once(this.child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  async url(): Promise<string> {
    await expect.poll(() => this.stdout, { timeout: 15_000 }).toMatch(READY);
    return READY.exec(this.stdout)?.[1] ?? '';
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return await this.exit;
  }
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-main-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the tracker as a program', () => {
  it('says where it runs, logs its whole configuration, and ends cleanly when asked to', async () => {
    const program = new Program(folder, ['--port', '0']);
    await program.url();
    const [line = ''] = program.stderr.split('\n');
    expect(JSON.parse(line)).toMatchObject({
      config: {
        host: 'localhost',
        port: 0,
        database: join(folder, 'tracker.db'),
        announceInterval: 60,
        logLevel: 'info',
        trustProxy: 0,
      },
    });
    const startedAt = performance.now();
    expect(await program.end('SIGTERM')).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('that is killed keeps every share that it acknowledged', async () => {
    const photos = metainfo('photos');
    const killed = new Program(folder, ['--port', '0']);
    const path = `/v1/shares/${photos.infoHash}`;
    const headers = { 'content-type': 'application/json' };
    const put = await fetch((await killed.url()) + path, { method: 'PUT', headers, body: bytesOf(photos).slice() });
    expect(put.status).toBe(201);
    expect(await killed.end('SIGKILL')).toBe('SIGKILL');
    const again = new Program(folder, ['--port', '0']);
    expect(await (await fetch((await again.url()) + path)).json()).toEqual(photos.document);
    expect(await again.end('SIGINT')).toBe(0);
  });

  it('explains itself', async () => {
    const program = new Program(folder, ['--help']);
    expect(await program.exit).toBe(0);
    expect(program.stdout).toContain('--announce-interval');
  });
});

describe('the program refuses to start', () => {
  it('with a flag that it does not know', async () => {
    const program = new Program(folder, ['--prot', '1']);
    expect(await program.exit).toBe(2);
    expect(program.stderr).toMatch(/^shoal-tracker: .*--prot.*--port.*\(bad-config\).*\n$/);
  });

  it('with words that a terminal would obey, and repeats none of those', async () => {
    const program = new Program(folder, ['--host', 'a\u001b[2J\u009b1m\nb\u202e', '--port', '\u001b[31m']);
    expect(await program.exit).toBe(2);
    expect(program.stderr).toMatch(/^shoal-tracker: [^\n]*\(bad-config\)[^\n]*\n$/);
    for (const unsafe of ['\u001b', '\u009b', '\u202e']) expect(program.stderr).not.toContain(unsafe);
  });

  it('on a port that is in use, and says so in one line', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const program = new Program(folder, ['--port', port]);
    expect(await program.exit).toBe(1);
    expect(program.stderr).toMatch(new RegExp(`^shoal-tracker: .* port ${port}: .*\\(port-in-use\\).*\\n$`));
    expect(program.stdout).toBe('');
    other.close();
  });

  it('with a database that is none', async () => {
    const database = join(folder, 'notes.txt');
    writeFileSync(database, 'these are my notes, and nobody should write over them '.repeat(20));
    const program = new Program(folder, ['--port', '0', '--database', database]);
    expect(await program.exit).toBe(1);
    expect(program.stderr).toMatch(/^shoal-tracker: .*notes\.txt.*\(database-unavailable\).*\n$/);
  });
});
