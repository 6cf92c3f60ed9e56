import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Engine, type EnginePorts, type Log } from '@shoal/engine';
import { createHasher, createWsTransport, systemClock, systemRandom } from '@shoal/engine/node';
import { MemoryPieceStore } from '@shoal/engine/testing';
import { Bitfield, LIMITS, peerIdOf, type Metainfo } from '@shoal/protocol';
import { eventually, Machine, Sandbox, usageOf, writeSampleFile, type Agent, type ProcessUsage } from '@shoal/testbed';
import type { Report } from '../report.ts';

const SHARE_BYTES = 1024 * 1024;
const REST_MS = 20_000;
/** Each of the others has an address of its own, as in life. */
const FIRST_ADDRESS = 2;

const SILENT: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/**
 * One agent with as many links as it may have: what they cost at rest, and a transfer to all of them at once. The others
 * are engines in this process: two hundred processes would measure the machine's memory.
 */
export async function measureLinks(print: (text: string) => void): Promise<Report> {
  print(`${LIMITS.links} links …`);
  const sandbox = await Sandbox.create();
  const hasher = createHasher();
  const others: Engine[] = [];
  try {
    const path = `${await sandbox.folder('shares')}/sample.bin`;
    await writeSampleFile(path, SHARE_BYTES);
    const tracker = await (await Machine.create(sandbox, 'tracker')).startTracker();
    const machine = await Machine.create(sandbox, 'agent');
    const agent = await machine.startAgent('--log-level', 'warn');
    await machine.run('share', path, tracker.url);
    const before = await usageAtRest(agent);
    for (let n = 0; n < LIMITS.links; n++) {
      const host = `127.0.0.${FIRST_ADDRESS + n}`;
      const engine = engineAt(host, hasher);
      others.push(engine);
      await agent.control.connect({ host, port: await engine.start() });
    }
    const after = await usageAtRest(agent);
    const [shared] = await agent.control.transfers();
    if (shared === undefined) throw new Error('invariant: the agent has the share');
    const moved = await transferToAll(agent, await agent.control.metainfo(shared.infoHash), others);
    return reportOf({ before, after }, moved);
  } finally {
    await Promise.all(others.map((engine) => engine.stop()));
    await hasher.stop();
    await sandbox.clear();
  }
}

/** CPU in percent of a core over a while, and memory at its end. */
interface Rest extends ProcessUsage {
  readonly percent: number;
}

interface Moved {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
}

function reportOf({ before, after }: { before: Rest; after: Rest }, moved: Moved): Report {
  const perLink = (after.anonymousBytes - before.anonymousBytes) / 1024 / LIMITS.links;
  const bytes = LIMITS.links * SHARE_BYTES;
  const none = [undefined, undefined, undefined];
  return {
    name: 'many-links',
    title: 'Many links',
    setting: [
      `One agent linked to ${LIMITS.links} others, which all live in the measuring process, each with an address of its own.`,
      `At rest is the mean over ${REST_MS / 1000} s. Then all fetch a share of ${SHARE_BYTES} bytes at once into memory.`,
    ],
    columns: [
      { name: '' },
      { name: 'at rest: % of a core', digits: 2 },
      { name: 'anonymous MiB' },
      { name: 'KiB a link' },
      { name: 'to all s', digits: 2 },
      { name: 'MB/s' },
      { name: "agent's CPU s", digits: 2 },
    ],
    rows: [
      ['no link', before.percent, before.anonymousBytes / 1024 ** 2, undefined, ...none],
      [
        `${LIMITS.links} links`,
        after.percent,
        after.anonymousBytes / 1024 ** 2,
        perLink,
        moved.milliseconds / 1000,
        bytes / 1000 / moved.milliseconds,
        moved.cpuMilliseconds / 1000,
      ],
    ],
    notes: ['The measuring process receives and hashes for all others on one thread, which limits the transfer.'],
  };
}

async function usageAtRest({ program }: Agent): Promise<Rest> {
  await pause(2_000);
  const before = usageOf(program.pid)?.cpuMilliseconds ?? NaN;
  await pause(REST_MS);
  const usage = usageOf(program.pid);
  if (usage === undefined) throw new Error(`${program.name} has no usage that the kernel tells`);
  return { ...usage, percent: (100 * (usage.cpuMilliseconds - before)) / REST_MS };
}

async function transferToAll({ program }: Agent, metainfo: Metainfo, others: readonly Engine[]): Promise<Moved> {
  const cpuBefore = usageOf(program.pid)?.cpuMilliseconds ?? NaN;
  const began = performance.now();
  const { layout, infoHash } = metainfo;
  for (const engine of others) {
    const store = new MemoryPieceStore();
    engine.add({ metainfo, store, have: new Bitfield(layout.pieceCount), trackers: [] });
  }
  await eventually('all to be complete', () => {
    const isComplete = (engine: Engine): boolean =>
      engine.snapshot().swarms.find((swarm) => swarm.infoHash === infoHash)?.isComplete === true;
    return Promise.resolve(others.every(isComplete) || undefined);
  });
  const milliseconds = performance.now() - began;
  return { milliseconds, cpuMilliseconds: (usageOf(program.pid)?.cpuMilliseconds ?? NaN) - cpuBefore };
}

function engineAt(host: string, hasher: EnginePorts['hasher']): Engine {
  const ports: EnginePorts = {
    clock: systemClock,
    random: systemRandom,
    hasher,
    transport: createWsTransport({ host, log: SILENT }),
    log: SILENT,
    openTracker: () => {
      throw new Error('invariant: no share here names a tracker');
    },
  };
  return new Engine({ ports, peerId: peerIdOf(randomBytes(32)), agent: 'bench' });
}

function ignore(): void {
  // The measuring process tells what it finds, not what its engines do.
}
