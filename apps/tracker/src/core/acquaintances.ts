/**
 * Whom the sessions in a swarm have been told of, kept from both sides: a member that leaves is taken back from exactly
 * those who know it. A tracker keeps very many of these lists and nearly all are short; a set for each would take
 * several times the memory, and is no faster to search than fifty neighbours in an array.
 */
import { emptyList, withItem, withoutPlace } from './short-list.ts';

/** The two sides of one member's acquaintances. */
export interface Acquaintances<M> {
  /** Whom its session has been told of. */
  knows: M[];
  /** Whose sessions have been told of it. */
  knownBy: M[];
}

/** Notes that a member has been told of another. */
export function learnOf<M extends Acquaintances<M>>(member: M, other: M): void {
  if (member.knows.includes(other)) return;
  member.knows = withItem(member.knows, other);
  other.knownBy = withItem(other.knownBy, member);
}

/** Notes that a member has been told of several others at once. */
export function learnOfAll<M extends Acquaintances<M>>(member: M, others: readonly M[]): void {
  const [only] = others;
  if (only !== undefined && others.length === 1) {
    learnOf(member, only);
    return;
  }
  const unknown = others.filter((other) => !member.knows.includes(other));
  if (unknown.length === 0) return;
  member.knows = member.knows.concat(unknown);
  for (const other of unknown) other.knownBy = withItem(other.knownBy, member);
}

/** Notes that a new session of a member has not been told of anybody yet. */
export function forgetAll<M extends Acquaintances<M>>(member: M): void {
  for (const other of member.knows) other.knownBy = without(other.knownBy, member);
  member.knows = emptyList();
}

/** Notes that nobody has been told of a member where it is now; returns those who had been. */
export function forgottenByAll<M extends Acquaintances<M>>(member: M): readonly M[] {
  const knowers = member.knownBy;
  member.knownBy = emptyList();
  for (const other of knowers) other.knows = without(other.knows, member);
  return knowers;
}

function without<M>(list: M[], member: M): M[] {
  const place = list.indexOf(member);
  if (place < 0) throw new Error('invariant: acquaintance is noted on both sides');
  return withoutPlace(list, place);
}
