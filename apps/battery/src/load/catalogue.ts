import { seededChance } from '@shoal/engine/testing';
import { quantile } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../battery.ts';
import { makeCalls } from '../catalogue/calls.ts';
import { prepareCatalogue } from '../catalogue/prepared-catalogue.ts';
import { smallShare } from '../catalogue/small-share.ts';
import { atTrackerHome, type TrackerHome } from '../catalogue/tracker-home.ts';
import { atLeast, atMost, fact, type Figure } from '../figure.ts';

/** So many are registered by call; the others were written straight into the database before. */
const SIZES = {
  quick: { shares: 2_000, registered: 400, searches: 40 },
  full: { shares: 1_000_000, registered: 50_000, searches: 300 },
};
const CONNECTIONS = 48;
const WARM_UP = 20;

/** One way to search, and what must be among the answers. */
interface SearchKind {
  readonly name: string;
  /** A query, and a text that its answer must hold; a number of a share is given. */
  readonly ask: (number: number) => { readonly query: string; readonly finds: string | undefined };
}

const KINDS: readonly SearchKind[] = [
  { name: 'a whole name', ask: (n) => ({ query: smallShare(n).name, finds: smallShare(n).infoHash }) },
  { name: 'a number', ask: (n) => ({ query: ` ${n}`, finds: String(n) }) },
  { name: 'a word of many', ask: (n) => ({ query: ['Report', 'lisbon', 'photo of'][n % 3] ?? '', finds: 'infoHash' }) },
  { name: 'one or two characters', ask: (n) => ({ query: ['e', 'of', 'Q', '7.'][n % 4] ?? '', finds: 'infoHash' }) },
  {
    name: 'a path inside',
    ask: (n) => ({ query: `notes/${n - (n % 8)}.txt`, finds: smallShare(n - (n % 8)).infoHash }),
  },
  { name: 'what nobody has', ask: (n) => ({ query: `xylophone ${n}`, finds: undefined }) },
  { name: 'words of many that stand nowhere together', ask: () => ({ query: 'oslo report', finds: undefined }) },
  { name: 'everything', ask: () => ({ query: '', finds: 'infoHash' }) },
];

/** A large catalogue: shares are registered, searched, and there after a restart. */
export const CATALOGUE: Part = {
  name: 'a large catalogue',
  run: (order) => atTrackerHome((home) => fillAndSearch(home, order)),
};

async function fillAndSearch(home: TrackerHome, { extent, seed, print }: BatteryOrder): Promise<readonly Figure[]> {
  const { shares, registered, searches } = SIZES[extent === 'quick' ? 'quick' : 'full'];
  const empty = await home.start();
  await empty.program.end();
  await prepareCatalogue(home.database, { first: 0, count: shares - registered });
  const first = await home.start();
  const order = { kind: 'register', connections: CONNECTIONS, isPatient: true } as const;
  const calls = { ...order, port: first.port, shares: { first: shares - registered, count: registered } };
  const made = await makeCalls(home.sandbox, calls);
  await first.program.end();
  const tracker = await home.start();
  const chance = seededChance(seed);
  const found = { latenciesMs: [] as number[], wrong: 0 };
  for (const kind of KINDS) {
    const { latenciesMs, wrong } = await search(tracker.url, kind, { shares, searches, chance });
    print(
      `    ${kind.name}: p50 ${quantile(latenciesMs, 0.5).toFixed(1)} ms, p99 ${quantile(latenciesMs, 0.99).toFixed(1)} ms`,
    );
    found.latenciesMs.push(...latenciesMs);
    found.wrong += wrong;
  }
  const count = home.read((database) => database.prepare<[], number>('SELECT count(*) FROM "Share"').pluck().get());
  const text = `${shares} shares, ${shares - registered} of them written straight into the database`;
  return [
    fact(`${text}: shares in the catalogue`, { demand: String(shares), seen: String(count), holds: count === shares }),
    atLeast({
      what: `${registered} shares registered by call on top, in a second`,
      unit: '/s',
      limit: 2_000,
      seen: made.done.length / made.seconds,
      isTiming: true,
    }),
    fact(`${found.latenciesMs.length} searches, of ${KINDS.length} kinds: wrong answers`, {
      demand: 'none',
      seen: String(found.wrong),
      holds: found.wrong === 0,
    }),
    atMost({
      what: `${found.latenciesMs.length} searches, of ${KINDS.length} kinds: p99 (median ${quantile(found.latenciesMs, 0.5).toFixed(1)} ms)`,
      unit: 'ms',
      limit: 20,
      seen: quantile(found.latenciesMs, 0.99),
      isTiming: true,
    }),
    atMost({ what: `${shares} shares: restart to ready`, unit: 's', limit: 3, seen: tracker.readyS, isTiming: true }),
  ];
}

/** Searches one after the other: how long each took, in ms, and how many answers were wrong. */
async function search(
  url: string,
  { ask }: SearchKind,
  { shares, searches, chance }: { shares: number; searches: number; chance: () => number },
): Promise<{ readonly latenciesMs: readonly number[]; readonly wrong: number }> {
  const latenciesMs: number[] = [];
  let wrong = 0;
  for (let round = 0; round < WARM_UP + searches; round++) {
    const { query, finds } = ask(Math.floor(chance() * shares));
    const begunAt = performance.now();
    const answer = await fetch(`${url}/v1/shares?query=${encodeURIComponent(query)}`);
    const text = await answer.text();
    const isRight = answer.ok && (finds === undefined ? text.includes('"shares":[]') : text.includes(finds));
    if (!isRight) wrong++;
    if (round >= WARM_UP) latenciesMs.push(performance.now() - begunAt);
  }
  return { latenciesMs, wrong };
}
