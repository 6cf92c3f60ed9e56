import { mkdir, rm } from 'node:fs/promises';
import { transferSchema } from '@shoal/protocol';
import { sha256OfTree, writeSampleFile, writeSmallFiles, type Machine } from '@shoal/testbed';
import type { Extent, Part } from '../battery.ts';
import { Faults } from '../faults/faults.ts';
import { fact, type Figure } from '../figure.ts';
import { inLanes } from '../lanes.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';
import { bytesOf, falseClaims, lookOnDisk } from './on-disk.ts';
import { WRITE_PATH, type ShareKind, type WritePoint } from './write-path.ts';

const KiB = 1024;
const LANES = 3;

interface Case {
  readonly point: WritePoint;
  readonly kind: ShareKind;
}

/** What went wrong at a point; nothing, if the promise holds. */
interface Outcome extends Case {
  readonly wasKilled: boolean;
  readonly falseClaims: number;
  /** Payload that was fetched though it stood on the disk, in bytes. */
  readonly fetchedAgain: number;
  readonly isRight: boolean;
}

/** A downloader kills itself, at each point of the write path in turn, and the same command is given again. */
export const NAMED_POINTS: Part = {
  name: 'kill -9 at every point of the write path',
  run: ({ extent }) => onStage((stage) => killAtPoints(stage, extent)),
};

async function killAtPoints(stage: Stage, extent: Extent): Promise<readonly Figure[]> {
  const faults = await Faults.create(stage.sandbox);
  // Each lane has shares of its own: from one source alone nothing is ever fetched twice, as the end of a swarm may.
  const shares: Record<ShareKind, Offered>[] = [];
  for (let lane = 0; lane < LANES; lane++)
    shares.push({ file: await offerFile(stage, lane), folder: await offerFolder(stage, lane) });
  const all = WRITE_PATH.map((point, at) => ({ ...point, on: extent === 'quick' ? [onOne(point, at)] : point.on }));
  const cases = all.flatMap((point) => point.on.map((kind) => ({ point, kind })));
  const outcomes = await inLanes(cases, LANES, async (one, lane) => {
    const offered = shares[lane]?.[one.kind];
    if (offered === undefined) throw new Error('invariant: every lane has its shares');
    return killAndGoOn({ stage, faults, offered }, one);
  });
  const none = (what: string, isBad: (outcome: Outcome) => boolean): Figure => {
    const bad = outcomes
      .filter(isBad)
      .map(({ point, kind, fetchedAgain }) => `${point.name} (${kind}, ${fetchedAgain} bytes)`);
    return fact(`${cases.length} points: ${what}`, {
      demand: 'none',
      seen: bad.join(', ') || 'none',
      holds: bad.length === 0,
    });
  };
  return [
    none('not reached', ({ wasKilled }) => !wasKilled),
    none('after which the have-map claimed what the disk did not hold', (outcome) => outcome.falseClaims > 0),
    none('after which a piece was fetched that was on disk', ({ fetchedAgain }) => fetchedAgain > 0),
    none('after which a file was not what it should be', ({ isRight }) => !isRight),
  ];
}

/** Both kinds of share in turn, so that half of the points meet each, and before and after a call the same one. */
function onOne({ on }: WritePoint, at: number): ShareKind {
  return on[(at >> 1) % on.length] ?? 'file';
}

async function offerFile(stage: Stage, lane: number): Promise<Offered> {
  const name = `film-${lane}.bin`;
  await writeSampleFile(stage.home.path(name), 3 * KiB * KiB);
  return stage.offer(name);
}

/** So many small files that threads write them, two larger ones, and an empty one. */
async function offerFolder(stage: Stage, lane: number): Promise<Offered> {
  const folder = stage.home.path(`photos-${lane}`);
  await mkdir(folder);
  await writeSmallFiles(folder, 100, 10_000);
  await writeSampleFile(`${folder}/large.bin`, 1_500_000);
  await writeSampleFile(`${folder}/deep/er/larger.bin`, 700_000);
  await writeSampleFile(`${folder}/empty`, 0);
  return stage.offer(`photos-${lane}`);
}

async function killAndGoOn(
  { stage, faults, offered }: { stage: Stage; faults: Faults; offered: Offered },
  { point, kind }: Case,
): Promise<Outcome> {
  const { metainfo } = offered;
  const machine = await stage.machine(`${kind} ${point.name}`);
  const { call, place, moment, nth = 1 } = point;
  const pieceBytes = call === 'hash' ? { pieceBytes: metainfo.layout.pieceLength } : {};
  const rule = {
    call,
    place,
    moment,
    nth,
    lasts: 'once',
    fault: 'kill',
    below: machine.folder,
    ...pieceBytes,
  } as const;
  faults.arm(machine, [rule]);
  const { signal } = await machine.shoal('download', offered.torrent, '--json').ended();
  const kept = await keptBytes(machine, offered);
  faults.arm(machine, []);
  const again = await machine.run('download', offered.torrent, '--json');
  const { receivedBytes } = transferSchema.parse(JSON.parse(again.stdout));
  const isRight = await isSame(machine.path(metainfo.info.name), offered.source);
  await rm(machine.folder, { recursive: true });
  return {
    point,
    kind,
    wasKilled: signal === 'SIGKILL',
    falseClaims: kept.falseClaims,
    fetchedAgain: Math.max(0, receivedBytes - (metainfo.info.length - kept.bytes)),
    isRight,
  };
}

/** What stands on the disk, under the temporary name or already under the final one. */
async function keptBytes(
  machine: Machine,
  { metainfo, source }: Offered,
): Promise<{ bytes: number; falseClaims: number }> {
  if (await isSame(machine.path(metainfo.info.name), source)) return { bytes: metainfo.info.length, falseClaims: 0 };
  const disk = await lookOnDisk(metainfo, machine.folder);
  return { bytes: bytesOf(metainfo, disk.right), falseClaims: falseClaims(disk).length };
}

async function isSame(path: string, source: string): Promise<boolean> {
  const sums = await Promise.all([path, source].map((root) => sha256OfTree(root).catch(() => undefined)));
  return sums[0] !== undefined && JSON.stringify(sums[0]) === JSON.stringify(sums[1]);
}
