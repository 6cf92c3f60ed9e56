import { runParts, type Battery, type BatteryOrder, type Extent } from '../battery.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { play, type Ending } from './play.ts';
import { playSeeds } from './play-seeds.ts';
import { tellStory } from './story.ts';

const SEEDS: Readonly<Record<Extent, number>> = { quick: 1_000, full: 5_000, nightly: 100_000 };
/** What a thousand seeds may take on the machine that runs the tests. */
const THOUSAND_SEEDS_S = 180;
const REPLAYED_SEEDS = 3;
const SHOWN_BREACHES = 10;
const PROGRESS_SEEDS = 100;

/** Random swarms of the real engine in virtual time, each told by its seed: whatever befalls whom, nothing breaks. */
export const SWARMS: Battery = {
  name: 'swarms',
  summary: 'random joins, kills, partitions, liars, slow peers, full disks and standstills in simulated swarms',
  run: (order) =>
    runParts(
      [
        { name: 'seeds', run: playMany },
        { name: 'replay', run: replay },
      ],
      order,
    ),
};

async function playMany({ extent, seed, print }: BatteryOrder): Promise<readonly Figure[]> {
  const count = SEEDS[extent];
  const startMs = performance.now();
  let played = 0;
  const endings = await playSeeds(seed, count, (ending) => {
    if (ending.breach !== undefined) print(`seed ${ending.seed}: ${ending.breach}`);
    if (++played % PROGRESS_SEEDS === 0) print(`… ${played} of ${count}`);
  });
  const tookS = (performance.now() - startMs) / 1000;
  return [
    ...figuresOf(endings, count),
    atMost({
      what: 'time for them',
      unit: 's',
      limit: (THOUSAND_SEEDS_S * count) / 1_000,
      seen: tookS,
      isTiming: true,
    }),
  ];
}

function figuresOf(endings: readonly Ending[], count: number): readonly Figure[] {
  const broken = endings.filter(({ breach }) => breach !== undefined);
  const agents = sum(endings.map((ending) => ending.agents));
  const shown = broken.slice(0, SHOWN_BREACHES).map(({ seed, breach }) => `; seed ${seed}, ${String(breach)}`);
  const wasted = sum(endings.map(({ wastedBytes }) => wastedBytes));
  const received = sum(endings.map(({ receivedBytes }) => receivedBytes));
  return [
    fact('random swarms that were played to their end', {
      demand: `${count}`,
      seen: `${endings.length}, of ${agents} agents`,
      holds: endings.length === count,
    }),
    fact('random swarms in which something happened that must not', {
      demand: '0',
      seen: `${broken.length}${shown.join('')}`,
      holds: broken.length === 0,
    }),
    atMost({
      what: 'longest that somebody gained nothing while a source was within reach, in virtual time',
      unit: 's',
      limit: 120,
      seen: Math.max(...endings.map(({ longestWaitMs }) => longestWaitMs)) / 1_000,
      isTiming: false,
    }),
    atMost({
      what: 'bytes that came late or twice, of all that were received',
      unit: '%',
      limit: 15,
      seen: (100 * wasted) / received,
      isTiming: false,
    }),
  ];
}

/** Plays seeds twice: a failure that was seen once can be looked at for as long as it takes. */
async function replay({ seed, print }: BatteryOrder): Promise<readonly Figure[]> {
  let same = 0;
  const breaches: string[] = [];
  for (let at = seed; at < seed + REPLAYED_SEEDS; at++) {
    const [first, second] = [await play(tellStory(at)), await play(tellStory(at))];
    print(`seed ${at}: ${first.digest}${first.breach === undefined ? '' : ` ${first.breach}`}`);
    if (first.breach !== undefined) breaches.push(`seed ${at}, ${first.breach}`);
    if (first.digest === second.digest) same++;
  }
  return [
    fact('seeds that give the same swarm, message for message, when played again', {
      demand: `${REPLAYED_SEEDS}`,
      seen: `${same}${breaches.map((breach) => `; ${breach}`).join('')}`,
      holds: same === REPLAYED_SEEDS && breaches.length === 0,
    }),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
