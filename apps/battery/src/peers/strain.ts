import { setTimeout as pause } from 'node:timers/promises';
import type { BatteryOrder, Part } from '../battery.ts';
import { atLeast, atMost, fact, type Figure } from '../figure.ts';
import { FLOODS, HOLDS, type Assault, type Attack } from './attacks.ts';
import { Stage } from './stage.ts';

const MIB = 1024 * 1024;
const WATCH_EVERY_MS = 50;
const LEAST_RATE = 0.9;
const MOST_DELAY_MS = 50;
const MOST_GROWTH_MIB = 50;
/** For the memory and the rates to settle after an attack. */
const REST_MS = 1_000;

/** How long an honest rate is measured before an attack, and during it. */
interface Pace {
  readonly baseMs: number;
  readonly attackMs: number;
}

/** Attacks that a stage is under at once, under one name. */
interface Round {
  readonly name: string;
  readonly attacks: readonly Attack[];
}

/** An honest download goes on while strangers do their worst. */
export const STRAIN: Part = {
  name: 'strain',
  run: async (order: BatteryOrder) => {
    const isQuick = order.extent === 'quick';
    const pace: Pace = isQuick ? { baseMs: 2_000, attackMs: 4_000 } : { baseMs: 5_000, attackMs: 12_000 };
    const each = [...FLOODS, ...HOLDS].map((attack) => ({ name: attack.name, attacks: [attack] }));
    const together = [
      { name: 'all floods at once', attacks: FLOODS },
      { name: 'all that hold and give nothing, at once', attacks: HOLDS },
    ];
    const rounds = isQuick ? together : [...each, ...together];
    const seconds = 8 + (rounds.length * (pace.baseMs + pace.attackMs + 2 * REST_MS)) / 1000;
    const stage = await Stage.set(seconds);
    try {
      const figures: Figure[] = [];
      for (const round of rounds) {
        order.print(`    ${round.name}`);
        figures.push(...(await under(stage, round, pace)));
      }
      return [...figures, await completes(stage)];
    } finally {
      await stage.clear();
    }
  },
};

async function under(stage: Stage, { name, attacks }: Round, { baseMs, attackMs }: Pace): Promise<Figure[]> {
  const base = await rate(stage, baseMs);
  const before = stage.victimBytes;
  await stage.loop.read(stage.victim.program);
  const assaults: Assault[] = [];
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, stage.victimBytes);
  }, WATCH_EVERY_MS);
  try {
    for (const [at, attack] of attacks.entries()) assaults.push(await attack.begin(stage.target, `127.0.2.${at + 1}`));
    const attacked = await rate(stage, attackMs);
    const { p99Ms } = await stage.loop.read(stage.victim.program);
    const isTiming = true;
    return [
      atLeast({
        what: `${name}: honest rate`,
        unit: 'of the rate before',
        limit: LEAST_RATE,
        seen: attacked / base,
        isTiming,
      }),
      atMost({ what: `${name}: event loop delay, p99`, unit: 'ms', limit: MOST_DELAY_MS, seen: p99Ms, isTiming }),
      atMost({
        what: `${name}: memory grows by`,
        unit: 'MiB',
        limit: MOST_GROWTH_MIB,
        seen: (most - before) / MIB,
        isTiming,
      }),
    ];
  } finally {
    clearInterval(watch);
    await Promise.all(assaults.map((assault) => assault.end()));
    await pause(REST_MS);
  }
}

/** Bytes a second of the honest download. */
async function rate(stage: Stage, ms: number): Promise<number> {
  const [beganMs, before] = [performance.now(), await stage.receivedBytes()];
  await pause(ms);
  const bytes = (await stage.receivedBytes()) - before;
  return bytes / (performance.now() - beganMs);
}

async function completes(stage: Stage): Promise<Figure> {
  const { infoHash } = stage.target.wanted;
  const { state } = await stage.victim.reaches(infoHash, (transfer) => transfer.state === 'seeding');
  return fact('the honest download after all attacks', {
    demand: 'completes',
    seen: state,
    holds: state === 'seeding',
  });
}
