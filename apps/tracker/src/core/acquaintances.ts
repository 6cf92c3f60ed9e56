/**
 * Whom the sessions in a swarm have been told of, kept from both sides: a member that leaves is taken back from exactly
 * those who know it. A tracker keeps very many of these lists and nearly all are short; a set for each would take
 * several times the memory, and is no faster to search than fifty neighbours in an array.
 */

/** The two sides of one member's acquaintances. */
export interface Acquaintances<M> {
  /** Whom its session has been told of. */
  readonly knows: M[];
  /** Whose sessions have been told of it. */
  readonly knownBy: M[];
}

/** Notes that a member has been told of another. */
export function learnOf<M extends Acquaintances<M>>(member: M, other: M): void {
  if (member.knows.includes(other)) return;
  member.knows.push(other);
  other.knownBy.push(member);
}

/** Notes that a new session of a member has not been told of anybody yet. */
export function forgetAll<M extends Acquaintances<M>>(member: M): void {
  for (const other of member.knows) drop(other.knownBy, member);
  member.knows.length = 0;
}

/** Notes that nobody has been told of a member where it is now; returns those who had been. */
export function forgottenByAll<M extends Acquaintances<M>>(member: M): readonly M[] {
  const knowers = member.knownBy.splice(0);
  for (const other of knowers) drop(other.knows, member);
  return knowers;
}

/** The order of a list means nothing: the last takes the free place. */
function drop<T>(list: T[], item: T): void {
  const place = list.indexOf(item);
  const last = list.pop();
  if (place < 0 || last === undefined) throw new Error('invariant: acquaintance is noted on both sides');
  if (place < list.length) list[place] = last;
}
