import { setTimeout as pause } from 'node:timers/promises';
import type { InfoHash, Metainfo } from '@shoal/protocol';
import { Machine, Sandbox, eventually, median, usageOf, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Cell, Report } from '../report.ts';
import { inTurns } from '../rounds.ts';

const SHARES = 50;
const SHARE_BYTES = 4 * 1024 ** 2;
const LOOK_MS = 10;
const PATIENCE_MS = 120_000;

/** How many shares have the same bytes together. */
const CONTENDERS = [1, SHARES] as const;

/** How one run went. */
interface Passage {
  /** From the first order until each was complete, ascending. */
  readonly milliseconds: readonly number[];
  readonly links: number;
  readonly cpuMilliseconds: number;
}

/** Many shares that move at once over one link between two agents, against one share of as many bytes. */
export async function measureAtOnce(runs: number, print: (text: string) => void): Promise<Report> {
  const passages = await inTurns(CONTENDERS, runs, async (count) => {
    const passage = await moveOnce(count);
    print(`  ${count} at once: ${(last(passage) / 1000).toFixed(2)} s`);
    return passage;
  });
  const rates = passages.map((all) => (SHARES * SHARE_BYTES) / 1000 / median(all.map(last)));
  const rows = CONTENDERS.map((count, at): Cell[] => {
    const all = passages[at] ?? [];
    return [
      count === 1 ? 'one share' : `${count} shares at once`,
      rates[at],
      (rates[at] ?? NaN) / (rates[0] ?? NaN),
      median(all.map(({ milliseconds }) => milliseconds[0] ?? NaN)) / 1000,
      median(all.map(({ milliseconds }) => median(milliseconds))) / 1000,
      median(all.map(last)) / 1000,
      median(all.map(({ cpuMilliseconds }) => cpuMilliseconds)) / 1000,
      Math.max(...all.map(({ links }) => links)),
    ];
  });
  return {
    name: 'many-at-once',
    title: 'Many shares at once',
    setting: [
      `${SHARES} shares of ${SHARE_BYTES} bytes, and one of as many bytes, from one agent to another over loopback.`,
      `${runs} runs each, in turns; medians. All are ordered at once, one call after the other.`,
    ],
    columns: [
      { name: '' },
      { name: 'MB/s' },
      { name: 'ratio', digits: 2 },
      { name: 'first complete s', digits: 2 },
      { name: 'median s', digits: 2 },
      { name: 'last s', digits: 2 },
      { name: 'CPU of both s', digits: 2 },
      { name: 'links' },
    ],
    rows,
    notes: [],
  };
}

function last({ milliseconds }: Passage): number {
  return milliseconds.at(-1) ?? NaN;
}

async function moveOnce(count: number): Promise<Passage> {
  const sandbox = await Sandbox.create();
  try {
    const folder = await sandbox.folder('shares');
    const bytes = (SHARES * SHARE_BYTES) / count;
    for (let n = 0; n < count; n++) await writeSampleFile(`${folder}/share-${n}.bin`, bytes, `share ${n}`);
    const tracker = await (await Machine.create(sandbox, 'tracker')).startTracker();
    const owner = await (
      await Machine.create(sandbox, 'owner')
    ).startAgent('--tracker', tracker.url, '--share', folder);
    const away = await Machine.create(sandbox, 'away');
    const leecher = await away.startAgent('--tracker', tracker.url);
    const metainfos = await metainfosOf(owner, count);
    return await timeOf({ owner, leecher }, metainfos, away.folder);
  } finally {
    await sandbox.clear();
  }
}

async function metainfosOf({ control }: Agent, count: number): Promise<Metainfo[]> {
  const shared = await eventually('all to be shared', async () => {
    const transfers = await control.transfers();
    return transfers.filter(({ state }) => state === 'seeding').length === count ? transfers : undefined;
  });
  return Promise.all(shared.map(({ infoHash }) => control.metainfo(infoHash)));
}

async function timeOf(
  { owner, leecher }: { owner: Agent; leecher: Agent },
  metainfos: readonly Metainfo[],
  folder: string,
): Promise<Passage> {
  const cpuMs = (): number => cpuOf(owner) + cpuOf(leecher);
  const cpuBefore = cpuMs();
  const completeMs = new Map<InfoHash, number>();
  const began = performance.now();
  const ordered = Promise.all(metainfos.map((metainfo) => leecher.control.addDownload({ metainfo, folder })));
  await eventually(
    'all to be complete',
    async () => {
      for (const { infoHash, state } of await leecher.control.transfers()) {
        if (state === 'seeding' && !completeMs.has(infoHash)) completeMs.set(infoHash, performance.now() - began);
      }
      if (completeMs.size === metainfos.length) return true;
      await pause(LOOK_MS);
      return undefined;
    },
    PATIENCE_MS,
  );
  await ordered;
  const links = (await owner.control.peers()).filter(({ isConnected }) => isConnected).length;
  return { milliseconds: [...completeMs.values()], links, cpuMilliseconds: cpuMs() - cpuBefore };
}

function cpuOf({ program }: Agent): number {
  return usageOf(program.pid)?.cpuMilliseconds ?? NaN;
}
