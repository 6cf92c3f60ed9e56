import { seededChance } from '@shoal/engine/testing';
import { eventually, sha256OfFile, writeSampleFile, type Agent, type Machine } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';
import { bytesOf, falseClaims, lookOnDisk } from './on-disk.ts';

const MiB = 1024 * 1024;
const SIZES = { quick: { bytes: 64 * MiB, kills: 3 }, full: { bytes: 1024 * MiB, kills: 20 } };
const FIRST_BYTE_S = 3;

/** What one life of the downloader came to. */
interface Life {
  /** From its start to the first payload that it had not had before, in seconds. */
  readonly firstByteS: number;
  /** Payload that the seeder sent in it. */
  readonly sentBytes: number;
  /** Right bytes that were on disk when it ended. */
  readonly keptBytes: number;
  readonly falseClaims: number;
}

/** `kill -9` of the daemon at random points of one download of one file. */
export const RANDOM_KILLS: Part = {
  name: 'kill -9 at random points',
  run: ({ extent, seed }) =>
    onStage((stage) => killAtRandom(stage, { ...SIZES[extent === 'quick' ? 'quick' : 'full'], seed })),
};

async function killAtRandom(
  stage: Stage,
  { bytes, kills, seed }: { bytes: number; kills: number; seed: number },
): Promise<readonly Figure[]> {
  await writeSampleFile(stage.home.path('film.bin'), bytes);
  const offered = await stage.offer('film.bin');
  const machine = await stage.machine('downloader');
  const chance = seededChance(seed);
  const points = Array.from({ length: kills }, () => chance() * 0.98 * bytes).sort((a, b) => a - b);
  const lives: Life[] = [];
  for (const point of [...points, bytes]) lives.push(await live({ stage, machine, offered }, point, lives));
  const right = (await sha256OfFile(machine.path('film.bin'))) === offered.metainfo.info.files[0]?.sha256;
  return figuresOf(lives, { bytes, right });
}

/** Starts the daemon, lets it download until it has so many bytes, and kills it; at the whole it is left to finish. */
async function live(
  { stage, machine, offered }: { stage: Stage; machine: Machine; offered: Offered },
  untilBytes: number,
  lives: readonly Life[],
): Promise<Life> {
  const { metainfo } = offered;
  const { infoHash } = metainfo;
  const sentBefore = await stage.sentBytes(offered);
  const startedAt = performance.now();
  const agent = await machine.startAgent();
  if (lives.length === 0) await agent.control.addDownload({ metainfo, folder: machine.folder });
  await agent.reaches(infoHash, ({ receivedBytes, state }) => receivedBytes > 0 || state === 'seeding');
  const firstByteS = (performance.now() - startedAt) / 1000;
  const isLast = untilBytes === metainfo.info.length;
  if (isLast) await agent.reaches(infoHash, ({ state }) => state === 'seeding');
  else await hasBytes(agent, offered, untilBytes);
  await agent.program.stop(isLast ? 'SIGTERM' : 'SIGKILL');
  const disk = isLast ? undefined : await lookOnDisk(metainfo, machine.folder);
  return {
    firstByteS,
    sentBytes: (await stage.sentBytes(offered)) - sentBefore,
    keptBytes: disk === undefined ? metainfo.info.length : bytesOf(metainfo, disk.right),
    falseClaims: disk === undefined ? 0 : falseClaims(disk).length,
  };
}

function hasBytes(agent: Agent, { metainfo: { infoHash } }: Offered, bytes: number): Promise<true> {
  return eventually('the point of the kill', async () => {
    const transfer = await agent.transfer(infoHash);
    return (transfer?.verifiedBytes ?? 0) >= bytes || undefined;
  });
}

function figuresOf(lives: readonly Life[], { bytes, right }: { bytes: number; right: boolean }): readonly Figure[] {
  const kills = lives.length - 1;
  const sent = sum(lives.map(({ sentBytes }) => sentBytes));
  // What a life was sent and is not on disk when it is killed was in flight: on the wire, in memory, being written.
  const inFlight = lives.map(({ sentBytes, keptBytes }, at) => sentBytes - keptBytes + (lives[at - 1]?.keptBytes ?? 0));
  const lost = sum(inFlight.slice(0, -1));
  const wrongClaims = sum(lives.map((life) => life.falseClaims));
  const mib = { unit: 'MiB', isTiming: false };
  return [
    atMost({
      ...mib,
      what: `payload of ${bytes / MiB} MiB over ${kills} kills, in flight at them ${(lost / MiB).toFixed(1)} MiB`,
      limit: (bytes + lost) / MiB,
      seen: sent / MiB,
    }),
    atMost({
      what: 'first new byte after a restart, slowest',
      unit: 's',
      limit: FIRST_BYTE_S,
      seen: Math.max(...lives.slice(1).map(({ firstByteS }) => firstByteS)),
      isTiming: true,
    }),
    fact(`claims of ${kills} have-maps at kills that the disk does not hold`, {
      demand: 'none',
      seen: String(wrongClaims),
      holds: wrongClaims === 0,
    }),
    fact(`SHA-256 after ${kills} kills`, { demand: 'right', seen: right ? 'right' : 'wrong', holds: right }),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
