/**
 * How well a distribution goes, held against what no swarm can beat: the lower bound
 * max(F/u_s, F/d_min, N·F/(u_s + Σu_i)) of Kumar and Ross. What lines carry nobody knows: the highest rates that were
 * seen since the page looked stand for it, so a bound is an estimate, and grows better with the time.
 */
import type { Member } from './member.ts';

/** What no distribution can be faster than, in seconds; undefined where no rate was seen yet. */
interface LowerBound {
  /** F/u_s: the sources send everything once. */
  readonly source: number | undefined;
  /** F/d_min: the slowest machine receives everything. */
  readonly 'slowest machine': number | undefined;
  /** N·F/(u_s + Σu_i): all together send everything to everyone. */
  readonly 'total upload': number | undefined;
}

/** A term of the bound. */
export type Term = keyof LowerBound;
export const TERMS: readonly Term[] = ['source', 'slowest machine', 'total upload'];

export interface Efficiency {
  /** The longest that any machine has taken so far, or took, in seconds. */
  readonly elapsedSeconds: number;
  /** How long it will take in all, at the present rates; the elapsed time when all is there. */
  readonly expectedSeconds: number | undefined;
  readonly isComplete: boolean;
  readonly bound: LowerBound;
  /** The largest term, if all that matter are known. */
  readonly binding: { readonly term: Term; readonly seconds: number } | undefined;
  /** The bound as a part of the whole time, at most 1. */
  readonly ratio: number | undefined;
}

/** Holds a share's distribution against its bound, as of now; undefined while nobody downloads it or has. */
export function efficiencyOf(length: number, members: Iterable<Member>, nowMs: number): Efficiency | undefined {
  const all = [...members];
  const downloaders = all.filter(isDownloader);
  if (downloaders.length === 0) return undefined;
  const elapsedSeconds = Math.max(...downloaders.map((member) => secondsOf(member, nowMs)));
  const isComplete = downloaders.every(({ left }) => left === 0);
  const expectedSeconds = isComplete ? elapsedSeconds : expectedTime(elapsedSeconds, downloaders);
  const bound = boundOf(length, all, downloaders);
  const binding = bindingTerm(bound);
  const ratio =
    binding === undefined || expectedSeconds === undefined || expectedSeconds === 0
      ? undefined
      : Math.min(1, binding.seconds / expectedSeconds);
  return { elapsedSeconds, expectedSeconds, isComplete, bound, binding, ratio };
}

function isDownloader({ left, seconds }: Member): boolean {
  return left > 0 || seconds !== undefined;
}

/** How long a machine has taken. One that stands still is not told of again, and its time goes on all the same. */
function secondsOf({ left, seconds = 0, toldAtMs }: Member, nowMs: number): number {
  return left === 0 ? seconds : seconds + Math.max(0, nowMs - toldAtMs) / 1_000;
}

/** Nobody knows it while a machine that lacks something cannot say when it will be done. */
function expectedTime(elapsedSeconds: number, downloaders: readonly Member[]): number | undefined {
  let longest = 0;
  for (const { left, secondsLeft } of downloaders) {
    if (left === 0) continue;
    if (secondsLeft === undefined) return undefined;
    longest = Math.max(longest, secondsLeft);
  }
  return elapsedSeconds + longest;
}

function boundOf(length: number, all: readonly Member[], downloaders: readonly Member[]): LowerBound {
  const sum = (members: readonly Member[]): number => members.reduce((total, { peakSent }) => total + peakSent, 0);
  const sourceUpload = sum(all.filter((member) => !isDownloader(member)));
  const received = downloaders.map(({ peakReceived }) => peakReceived).filter((rate) => rate > 0);
  return {
    source: timeFor(length, sourceUpload),
    'slowest machine': timeFor(length, Math.min(...received)),
    'total upload': timeFor(length * downloaders.length, sourceUpload + sum(downloaders)),
  };
}

function timeFor(bytes: number, bytesPerSecond: number): number | undefined {
  return bytesPerSecond > 0 && Number.isFinite(bytesPerSecond) ? bytes / bytesPerSecond : undefined;
}

function bindingTerm(bound: LowerBound): Efficiency['binding'] {
  let binding: Efficiency['binding'];
  for (const term of TERMS) {
    const seconds = bound[term];
    if (seconds !== undefined && seconds > (binding?.seconds ?? 0)) binding = { term, seconds };
  }
  return binding;
}
