import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseMetainfo, type InfoHash } from '@shoal/protocol';
import { Machine, Sandbox, describeMachine, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Measurement } from './measurement.ts';
import { ratesOf, type Reading } from './rate-record.ts';
import type { Cell } from './report.ts';

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

/** Lets agents with limits transfer: how far the rates over 10 s are from the limits. */
export const LIMITS_KEPT: Measurement = {
  name: 'limits',
  summary: 'upload and download limits, and the rates over 10 s that they give',
  async run({ print }) {
    const setting = [
      'Agents with limits, each a process, over loopback; rates are means over 10 s.',
      describeMachine(),
    ];
    const rows: Cell[][] = [];
    for (const each of SETTINGS) {
      for (const limit of LIMITS_BYTES_PER_SECOND) {
        print(`${each.name}, ${String(limit)} bytes a second …`);
        const rates = ratesOf(await watch(each, limit), SPAN_MS);
        const all = [rates.first, rates.lowest, rates.highest];
        const worst = Math.max(...all.map((rate) => Math.abs(rate / limit - 1)));
        rows.push([each.name, limit / 1000, ...all.map((rate) => rate / 1000), 100 * worst]);
      }
    }
    const heads = ['', 'limit KB/s', 'first 10 s', 'lowest 10 s', 'highest 10 s'].map((name) => ({ name }));
    const columns = [...heads, { name: 'largest deviation %', digits: 1 }];
    return [{ name: 'limits', title: 'Limits', setting, columns, rows, notes: [] }];
  },
};

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
    const metainfo = parseMetainfo(await readFile(seeders[0]?.[0].path('sample.bin.torrent') ?? ''));
    const leechers = await startMany(setting.leechers, (n) =>
      start(`leecher-${String(n)}`, setting.limited === 'download'),
    );
    for (const [machine, agent] of leechers) await agent.control.addDownload({ metainfo, folder: machine.folder });
    const [, watched] = (setting.counter === 'sentBytes' ? seeders[0] : leechers[0]) ?? [];
    if (watched === undefined) throw new Error('invariant: every setting has a seeder and a leecher');
    return await read(watched, metainfo.infoHash, setting.counter);
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
