/**
 * `npm run demo`: a tracker, a seeder and three leechers, each a process of its own, move a file and a folder on this
 * machine, and prove that all copies are identical. It needs nothing but Node, and leaves nothing behind.
 */
import { Sandbox, writeSampleFile, writeSmallFiles } from '@shoal/testbed';
import { startCast, type Cast } from './demo/cast.ts';
import { downloadTogether } from './demo/download.ts';
import { drawLedger } from './demo/ledger.ts';
import { digestOf } from './demo/proof.ts';
import { shareByAgent } from './sharing.ts';

const FILE = 'film.bin';
const FILE_BYTES = 256 * 1024 * 1024;
const FOLDER = 'photos';
const SMALL_FILES = 1000;
const SMALL_FILE_BYTES = 10 * 1024;

const say = (line = ''): void => {
  process.stdout.write(`${line}\n`);
};

async function play(sandbox: Sandbox): Promise<void> {
  say('Shoal: one tracker, one seeder and three leechers on this machine.\n');
  const cast = await startCast(sandbox);
  const { tracker, seeder, leechers } = cast;
  say(`  tracker  process ${tracker.program.pid}, ${tracker.url}`);
  for (const { name, agent } of [seeder, ...leechers]) say(`  ${name.padEnd(8)} process ${agent.program.pid}`);

  say(`\nThe seeder makes a file of 256 MiB and a folder of ${SMALL_FILES} small files, and shares both.\n`);
  await writeSampleFile(seeder.machine.path(FILE), FILE_BYTES, FILE);
  await writeSmallFiles(seeder.machine.path(FOLDER), SMALL_FILES, SMALL_FILE_BYTES);
  for (const name of [FILE, FOLDER]) await passOn(cast, name);

  say('What each of them received and gave, in all:\n');
  for (const line of await drawLedger(cast)) say(line);
  say('\nAll copies are identical.');
}

/** Shares one thing, has every leecher download it, and compares the copies. */
async function passOn({ tracker, seeder, leechers }: Cast, name: string): Promise<void> {
  const offered = await shareByAgent(seeder.machine, name, tracker.url);
  say(`shoal share ${name}  →  info hash ${offered.metainfo.infoHash}\n`);
  const seconds = await downloadTogether(leechers, offered);
  say(`\n  ${seconds.toFixed(1)} s for all three. Are the copies identical?\n`);
  const original = await digestOf(seeder.machine.path(name));
  for (const player of [seeder, ...leechers]) {
    const { sha256, fileCount, by } = await digestOf(player.machine.path(name));
    const files = fileCount === 1 ? '' : `, ${fileCount} files`;
    say(`  ${sha256}  ${player.name}/${name} (${by}${files})`);
    if (sha256 !== original.sha256) throw new Error(`the copy of ${name} that ${player.name} has is not the original`);
  }
  say();
}

async function main(): Promise<number> {
  const sandbox = await Sandbox.create();
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        reject(new Error('interrupted'));
      });
    }
  });
  try {
    await Promise.race([play(sandbox), interrupted]);
    return 0;
  } catch (error) {
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await sandbox.clear();
  }
}

process.exitCode = await main();
