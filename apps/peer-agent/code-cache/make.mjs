// make.mjs <program>: has the program download from one agent and upload to another, on this machine, and keeps what V8
// compiled of it meanwhile. What no run has used is compiled when it is first called, as without a cache.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 10;
/** Many pieces, so that the paths of a transfer are taken, and few bytes. */
const SAMPLE_BYTES = 3_000_000;
/** Nobody listens there: what is tried here needs no tracker. */
const NO_TRACKER = 'http://localhost:1';

const record = fileURLToPath(new URL('record.cjs', import.meta.url));
const program = resolve(process.argv[2]);
const folder = await mkdtemp(join(tmpdir(), 'shoal-code-cache-'));

/** A prompt in a folder of its own, with all that it has printed. */
async function openPrompt(name, words) {
  const cwd = join(folder, name);
  await mkdir(cwd);
  const child = spawn(process.execPath, words, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, SHOAL_HOME: join(cwd, 'home') },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise((settle) => child.once('close', settle));
  let text = '';
  const take = (chunk) => (text += String(chunk));
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return {
    type: (line) => child.stdin.write(`${line}\n`),
    async printed(pattern) {
      const deadline = performance.now() + PATIENCE_MS;
      while (!pattern.test(text)) {
        if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${name} printed only:\n${text}`);
        await pause(LOOK_EVERY_MS);
      }
      return pattern.exec(text);
    },
    async leave() {
      child.stdin.end('exit\n');
      await exited;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

const prompts = [];
async function open(name, words = [program]) {
  const prompt = await openPrompt(name, words);
  prompts.push(prompt);
  const [, port] = await prompt.printed(/listens at localhost:(\d+)/);
  return { ...prompt, port };
}

async function fetchFrom(receiver, { port }) {
  receiver.type(`download ${join(folder, 'seeder/sample.torrent')}`);
  receiver.type(`connect localhost ${port}`);
  await receiver.printed(/complete and verified/);
}

try {
  const seeder = await open('seeder');
  await writeFile(join(folder, 'seeder/sample'), randomBytes(SAMPLE_BYTES));
  seeder.type(`share sample ${NO_TRACKER}`);
  await seeder.printed(/keep trying/);
  const recorded = await open('recorded', [record, program]);
  await fetchFrom(recorded, seeder);
  await seeder.leave();
  await fetchFrom(await open('receiver'), recorded);
  await recorded.leave();
} finally {
  for (const prompt of prompts) prompt.kill();
  await rm(folder, { recursive: true, force: true });
}
