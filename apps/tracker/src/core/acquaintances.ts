/**
 * Whom the session of each member in a swarm has been told of, so that a member that leaves is taken back from exactly
 * those who know it. A tracker keeps very many of these, nearly all in small swarms: the first members of a swarm have a
 * mark each, which is one bit of a number, and only who came when all marks were taken is kept in a list.
 */
import { emptyList, withItem, withoutPlace } from './short-list.ts';

/** As many bits as a number may have without taking memory of its own. */
const ALL_MARKS = 2 ** 30 - 1;

/** What one member keeps of its acquaintances. */
export interface Acquaintances<M> {
  /** Its own bit, which no other member of the swarm has; 0 when none was free. */
  readonly mark: number;
  /** The marks of those whom its session has been told of … */
  knownMarks: number;
  /** … and those of them that have none. */
  knownOthers: M[];
}

/** A mark that is not among those taken; 0 when there is none. */
export function freeMark(taken: number): number {
  const free = ALL_MARKS & ~taken;
  return free & -free;
}

/** Whether a member has been told of another. */
export function knows<M extends Acquaintances<M>>(member: M, other: M): boolean {
  return other.mark === 0 ? member.knownOthers.includes(other) : (member.knownMarks & other.mark) !== 0;
}

/** How many a member has been told of. */
export function countKnown<M extends Acquaintances<M>>({ knownMarks, knownOthers }: M): number {
  return countBits(knownMarks) + knownOthers.length;
}

/** Notes that a member has been told of another. */
export function learnOf<M extends Acquaintances<M>>(member: M, other: M): void {
  if (other.mark !== 0) member.knownMarks |= other.mark;
  else if (!member.knownOthers.includes(other)) member.knownOthers = withItem(member.knownOthers, other);
}

/** Notes that a new session of a member has not been told of anybody yet. */
export function forgetAll<M extends Acquaintances<M>>(member: M): void {
  member.knownMarks = 0;
  member.knownOthers = emptyList();
}

/**
 * Notes that nobody has been told of a member where it is now.
 * @param all whoever may have been told of it
 * @returns those who had been
 */
export function forgottenByAll<M extends Acquaintances<M>>(member: M, all: readonly M[]): readonly M[] {
  const knowers = all.filter((other) => knows(other, member));
  for (const other of knowers) {
    if (member.mark !== 0) other.knownMarks &= ~member.mark;
    else other.knownOthers = withoutPlace(other.knownOthers, other.knownOthers.indexOf(member));
  }
  return knowers;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
