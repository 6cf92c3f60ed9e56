/**
 * What happens in one random swarm, drawn from its seed: who takes part on which line, what each does or suffers and when,
 * and when the network parts. A story is all that there is to a seed: the same one is played in the same way again.
 *
 * What it assumes of every line is that a piece from everybody at once is through it in `LINE_MS`: the simulated downlink
 * knows no flow control, so that whatever was sent to a line that is too slow for it stands in a queue before it.
 */
import { SimWorld, type AgentOptions, type Standstill } from '@shoal/engine/testing';
import { Chance } from './chance.ts';

const KIB = 1024;
/** Rates of lines in bytes a second: the slow ones need seconds for a block. */
const RATES = { slow: 24 * KIB, fast: 2 * KIB * KIB };
const LINE_MS = 40_000;
/** Everybody has come by then, and everything has begun that befalls somebody. */
const STAGE_MS = 12_000;
/** From hiccups to what makes others believe that somebody is gone. */
const TROUBLE_MS = { least: 500, most: 100_000 };

/** What befalls one agent, in virtual milliseconds. What has `forMs` ends by itself. */
export type Move =
  /** Its program is killed, and started again with what was durable, or not. */
  | { readonly kind: 'kill'; readonly atMs: number; readonly backAfterMs?: number }
  /** Its cable is pulled for good. */
  | { readonly kind: 'cut'; readonly atMs: number }
  /** It leaves in good order. */
  | { readonly kind: 'stop'; readonly atMs: number }
  /** It pauses the transfer. */
  | { readonly kind: 'pause'; readonly atMs: number; readonly forMs: number }
  | { readonly kind: 'stand-still'; readonly atMs: number; readonly how: Standstill; readonly forMs: number }
  | { readonly kind: 'full-disk'; readonly atMs: number; readonly forMs: number }
  /** One write fails. */
  | { readonly kind: 'write-error'; readonly atMs: number }
  /** Its files changed under it: every read fails from then on. */
  | { readonly kind: 'read-error'; readonly atMs: number };

/** One agent: what it is, when it comes and what befalls it. */
export interface Role {
  readonly options: AgentOptions;
  readonly comesMs: number;
  /** How long its disk takes for a piece. */
  readonly writeMs: number;
  readonly moves: readonly Move[];
}

/** For a while these agents, by their places in the cast, reach only each other; when they are all, nobody the tracker. */
interface Partition {
  readonly atMs: number;
  readonly forMs: number;
  readonly who: readonly number[];
}

export interface Story {
  readonly seed: number;
  readonly shareBytes: number;
  readonly pieceBytes: number;
  readonly cast: readonly Role[];
  readonly partition: Partition | undefined;
  /** From then on nothing happens any more but what the agents do. */
  readonly lastMoveMs: number;
}

/** The story of a seed. */
export function tellStory(seed: number): Story {
  const { random } = new SimWorld(seed);
  const chance = new Chance(() => random.next());
  const pieceBytes = chance.oneOf([64, 64, 64, 128, 512]) * KIB;
  const pieceCount = chance.whole(1, 24);
  const shareBytes = pieceCount * pieceBytes - chance.whole(0, pieceBytes - 1);
  // What a swarm costs to play grows with the square of its size: most are small.
  const size = 2 + Math.floor(29 * chance.between(0, 1) ** 10);
  const slowest = Math.max(RATES.slow, (size * pieceBytes * 1_000) / LINE_MS);
  const share = { pieceCount, slowest };
  const cast = Array.from({ length: size }, (_, place) => castOne(chance, { ...share, isFirst: place === 0 }));
  const partition = chance.happens(0.4) ? drawPartition(chance, cast) : undefined;
  return { seed, shareBytes, pieceBytes, cast, partition, lastMoveMs: lastMoveOf(cast, partition) };
}

function castOne(
  chance: Chance,
  { isFirst, pieceCount, slowest }: { isFirst: boolean; pieceCount: number; slowest: number },
): Role {
  const pieces = Array.from({ length: pieceCount }, (_, piece) => piece);
  const part = isFirst ? (chance.happens(0.85) ? 'seeder' : 'leecher') : drawPart(chance);
  const comesMs = (STAGE_MS / 2) * chance.between(0, 1) ** 2;
  const options: AgentOptions = {
    ...drawLine(chance, slowest),
    ...(part === 'leecher' && chance.happens(0.4) && { has: chance.some(pieces, chance.between(0, 1)) }),
    ...(part !== 'leecher' && { has: 'all' as const }),
    ...(part === 'liar' && { lies: chance.oneOf(['poisons', 'taints', 'withholds'] as const) }),
  };
  const moves = drawMoves(chance, comesMs);
  // Most stories have a source that stays: the others end with what the rest has between them.
  const kept = isFirst && part === 'seeder' ? moves.filter(({ kind }) => kind === 'stand-still') : moves;
  return { options, comesMs, writeMs: chance.happens(0.3) ? chance.scale(1, 500) : 0, moves: kept };
}

function drawPart(chance: Chance): 'seeder' | 'leecher' | 'liar' {
  if (chance.happens(0.12)) return 'liar';
  return chance.happens(0.1) ? 'seeder' : 'leecher';
}

function drawLine(chance: Chance, slowest: number): Partial<AgentOptions> {
  const upBytesPerSecond = chance.happens(0.1) ? slowest : chance.scale(slowest, RATES.fast);
  return {
    upBytesPerSecond,
    downBytesPerSecond: upBytesPerSecond * chance.oneOf([1, 1, 5]),
    latencyMs: chance.oneOf([0, chance.between(0, 20), chance.between(0, 150)]),
    ...(chance.happens(0.1) && { uploadBytesPerSecond: chance.scale(slowest, RATES.fast) }),
    ...(chance.happens(0.1) && { downloadBytesPerSecond: chance.scale(slowest, RATES.fast) }),
  };
}

/** Nothing, or one or two things, one after the other. */
function drawMoves(chance: Chance, comesMs: number): Move[] {
  if (chance.happens(0.5)) return [];
  const first = drawMove(chance, comesMs + chance.between(0, STAGE_MS - comesMs));
  const againMs = endOf(first) + chance.between(100, 5_000);
  const isGone = first.kind === 'cut' || first.kind === 'stop' || first.kind === 'read-error' || isLastKill(first);
  return isGone || chance.happens(0.7) ? [first] : [first, drawMove(chance, againMs)];
}

function isLastKill(move: Move): boolean {
  return move.kind === 'kill' && move.backAfterMs === undefined;
}

function drawMove(chance: Chance, atMs: number): Move {
  const forMs = chance.scale(TROUBLE_MS.least, TROUBLE_MS.most);
  return chance.oneOf<Move>([
    { kind: 'kill', atMs },
    { kind: 'kill', atMs, backAfterMs: forMs },
    { kind: 'kill', atMs, backAfterMs: forMs / 20 },
    { kind: 'cut', atMs },
    { kind: 'stop', atMs },
    { kind: 'pause', atMs, forMs: forMs / 10 },
    { kind: 'stand-still', atMs, how: 'stopped', forMs },
    { kind: 'stand-still', atMs, how: 'suspended', forMs },
    { kind: 'full-disk', atMs, forMs: forMs / 2 },
    { kind: 'write-error', atMs },
    { kind: 'read-error', atMs },
  ]);
}

function drawPartition(chance: Chance, cast: readonly Role[]): Partition {
  const everybody = [...cast.keys()];
  const who = chance.happens(0.25) ? everybody : chance.some(everybody, chance.between(0.2, 0.8));
  const forMs = chance.scale(TROUBLE_MS.least, TROUBLE_MS.most);
  return { atMs: chance.between(0, STAGE_MS), forMs, who };
}

function endOf(move: Move): number {
  if ('forMs' in move) return move.atMs + move.forMs;
  return move.atMs + ('backAfterMs' in move ? move.backAfterMs : 0);
}

function lastMoveOf(cast: readonly Role[], partition: Partition | undefined): number {
  const ends = cast.flatMap(({ comesMs, moves }) => [comesMs, ...moves.map(endOf)]);
  return Math.max(...ends, partition === undefined ? 0 : partition.atMs + partition.forMs);
}
