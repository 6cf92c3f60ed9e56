import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseMetainfo, type InfoHash } from '@shoal/protocol';
import { Machine, Sandbox, writeSampleFile, type Agent } from '@shoal/testbed';
import { ratesOf, type Reading } from './rate-record.ts';
import { formatTable } from './statistics.ts';

const LOOK_EVERY_MS = 20;
/** Each rate is the mean over so much time. */
const SPAN_MS = 10_000;
/** Two spans that do not touch fit. */
const WATCHED_MS = 21_000;
/** The first byte comes within this, or something is wrong. */
const PATIENCE_MS = 30_000;
const LIMITS_BYTES_PER_SECOND = [200_000, 1_000_000, 5_000_000, 20_000_000];

/** Who is limited, who else takes part, and which counter tells what passed the limit. */
interface Setting {
  readonly name: string;
  readonly seeders: number;
  readonly leechers: number;
  readonly limited: 'upload' | 'download';
  readonly counter: 'sentBytes' | 'receivedBytes';
}

const SETTINGS: readonly Setting[] = [
  { name: 'upload, one receiver', seeders: 1, leechers: 1, limited: 'upload', counter: 'receivedBytes' },
  { name: 'upload, three receivers', seeders: 1, leechers: 3, limited: 'upload', counter: 'sentBytes' },
  { name: 'download, one sender', seeders: 1, leechers: 1, limited: 'download', counter: 'receivedBytes' },
  { name: 'download, three senders', seeders: 3, leechers: 1, limited: 'download', counter: 'receivedBytes' },
];

/** Lets agents with limits transfer, and prints how far the rates over 10 s were from the limits. */
export async function measureLimits(print: (text: string) => void): Promise<void> {
  const rows = [['', 'limit KB/s', 'first 10 s', 'lowest 10 s', 'highest 10 s', 'largest deviation']];
  for (const setting of SETTINGS) {
    for (const limit of LIMITS_BYTES_PER_SECOND) {
      const rates = ratesOf(await watch(setting, limit), SPAN_MS);
      const all = [rates.first, rates.lowest, rates.highest];
      const worst = Math.max(...all.map((rate) => Math.abs(rate / limit - 1)));
      const deviation = `${(100 * worst).toFixed(1)} %`;
      rows.push([setting.name, kilobytes(limit), ...all.map(kilobytes), deviation]);
      print(`  ${setting.name}, ${kilobytes(limit)} KB/s: ${deviation}`);
    }
  }
  print(`\n${formatTable(rows)}`);
}

/** Runs one setting with processes of its own and reads its counter from the first byte on. */
async function watch(setting: Setting, limit: number): Promise<Reading[]> {
  const sandbox = await Sandbox.create();
  try {
    const path = `${sandbox.root}/sample.bin`;
    await writeSampleFile(path, Math.ceil((limit * WATCHED_MS * 1.3) / 1000) + 8 * 1024 ** 2);
    const { url } = await (await Machine.create(sandbox, 'tracker')).startTracker();
    const flags = [`--${setting.limited}-limit`, String(limit)];
    const start = async (name: string, isLimited: boolean): Promise<[Machine, Agent]> => {
      const machine = await Machine.create(sandbox, name);
      return [machine, await machine.startAgent(...(isLimited ? flags : []))];
    };
    const seeders = await startMany(setting.seeders, (n) => start(`seeder-${String(n)}`, setting.limited === 'upload'));
    for (const [machine] of seeders) await machine.run('share', path, url);
    const document = await readFile(seeders[0]?.[0].path('sample.bin.torrent') ?? '', 'utf8');
    const leechers = await startMany(setting.leechers, (n) =>
      start(`leecher-${String(n)}`, setting.limited === 'download'),
    );
    for (const [machine, agent] of leechers) await agent.control.addDownload({ document, folder: machine.folder });
    const [, watched] = (setting.counter === 'sentBytes' ? seeders[0] : leechers[0]) ?? [];
    if (watched === undefined) throw new Error('invariant: every setting has a seeder and a leecher');
    return await read(watched, parseMetainfo(document).infoHash, setting.counter);
  } finally {
    await sandbox.clear();
  }
}

async function startMany<T>(count: number, start: (n: number) => Promise<T>): Promise<T[]> {
  const started: T[] = [];
  for (let n = 1; n <= count; n++) started.push(await start(n));
  return started;
}

async function read(agent: Agent, infoHash: InfoHash, counter: Setting['counter']): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let endMs = performance.now() + PATIENCE_MS; performance.now() < endMs;) {
    const bytes = (await agent.transfer(infoHash))?.[counter] ?? 0;
    const atMs = performance.now();
    if (bytes === 0) readings.length = 0;
    else if (readings.length === 1) endMs = atMs + WATCHED_MS;
    readings.push({ atMs, bytes });
    await pause(LOOK_EVERY_MS);
  }
  if (readings.length < 2)
    throw new Error(`nothing was transferred: ${JSON.stringify(await agent.transfer(infoHash))}`);
  return readings;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(0);
}
