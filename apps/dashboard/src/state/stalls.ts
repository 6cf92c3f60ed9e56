/** Who is stuck, and why: in words that name the machines and the pieces. */
import { toVisible } from '@shoal/protocol';
import { tellNames, tellPieces } from './enumeration.ts';
import { byLabel, isReachable, labelOf } from './machine-name.ts';
import type { Member } from './member.ts';
import type { SharePicture } from './share-picture.ts';

/** Why a machine does not get a piece. `apart`: there are machines to get it from, but no link to one of them. */
type Reason = 'nobody' | 'left' | 'unreachable' | 'apart';

export type Stall =
  | { readonly kind: 'failed'; readonly machine: Member; readonly text: string }
  | { readonly kind: 'waiting'; readonly machines: readonly Member[]; readonly text: string };

/** Why one piece does not come, with who has or had it; the key is the same for all pieces of the same fate. */
interface Fate {
  readonly key: string;
  readonly reason: Reason;
  readonly holders: readonly Member[];
}

interface Wait {
  readonly fate: Fate;
  readonly pieces: string;
  readonly pieceCount: number;
  readonly machines: Member[];
}

/** Every stall of a share: what failed first, then who waits, those that wait for the same together. */
export function findStalls(share: SharePicture): Stall[] {
  const members = [...share.members.values()];
  const inState = (wanted: Member['state']): Member[] => members.filter(({ state }) => state === wanted).sort(byLabel);
  const failed = inState('failed').map(failure);
  const fates = new Fates(share, members);
  const waits = new Map<string, Wait>();
  for (const member of inState('waiting')) {
    gather(waits, member, missingByFate(member, fates, share.facts.pieceCount));
  }
  const waiting = [...waits.values()].map((wait): Stall => {
    return { kind: 'waiting', machines: wait.machines, text: tellWait(wait) };
  });
  return [...failed, ...waiting];
}

function failure(machine: Member): Stall {
  const { problem } = machine;
  const reason = problem === undefined ? '' : `: ${toVisible(problem.message)}`;
  return { kind: 'failed', machine, text: `${labelOf(machine)} failed${reason}` };
}

function gather(waits: Map<string, Wait>, member: Member, missing: ReadonlyMap<Fate, readonly number[]>): void {
  for (const [fate, pieces] of missing) {
    const told = tellPieces(pieces);
    const key = `${fate.key} ${String(pieces.length)} ${told}`;
    const wait = waits.get(key);
    if (wait === undefined) waits.set(key, { fate, pieces: told, pieceCount: pieces.length, machines: [member] });
    else wait.machines.push(member);
  }
}

function missingByFate({ held }: Member, fates: Fates, pieceCount: number): Map<Fate, number[]> {
  const missing = new Map<Fate, number[]>();
  for (let piece = 0; held !== undefined && piece < pieceCount; piece++) {
    if (held.has(piece)) continue;
    const fate = fates.of(piece);
    const pieces = missing.get(fate);
    if (pieces === undefined) missing.set(fate, [piece]);
    else pieces.push(piece);
  }
  return missing;
}

/** Whoever has a piece that many have is not looked up: naming them would not help. */
const FEW = 3;
const MANY: Fate = { key: 'many', reason: 'apart', holders: [] };
const NOBODY: Fate = { key: 'nobody', reason: 'nobody', holders: [] };

/** The fates of pieces, each looked up once. */
class Fates {
  readonly #share: SharePicture;
  readonly #members: readonly Member[];
  readonly #departed: readonly Member[];
  readonly #byPiece = new Map<number, Fate>();
  readonly #byKey = new Map<string, Fate>();

  constructor(share: SharePicture, members: readonly Member[]) {
    this.#share = share;
    this.#members = members;
    this.#departed = [...share.departed.values()];
  }

  of(piece: number): Fate {
    const known = this.#byPiece.get(piece);
    if (known !== undefined) return known;
    const fate = this.#find(piece);
    this.#byPiece.set(piece, fate);
    return fate;
  }

  #find(piece: number): Fate {
    const count = this.#share.census.holdersOf(piece);
    if (count > FEW) return MANY;
    const has = ({ held }: Member): boolean => held?.has(piece) === true;
    if (count > 0) {
      const holders = this.#members.filter(has);
      return this.#fate(holders.some(isReachable) ? 'apart' : 'unreachable', holders);
    }
    const last = this.#departed.filter(has);
    return last.length === 0 ? NOBODY : this.#fate('left', last);
  }

  #fate(reason: Reason, holders: readonly Member[]): Fate {
    const key = [reason, ...holders.map(({ peerId }) => peerId)].join(' ');
    const fate = this.#byKey.get(key) ?? { key, reason, holders: holders.toSorted(byLabel) };
    this.#byKey.set(key, fate);
    return fate;
  }
}

function tellWait({ fate, pieces, pieceCount, machines }: Wait): string {
  const who = `${tellNames(machines.map(labelOf))} ${machines.length === 1 ? 'waits' : 'wait'}`;
  const what = `for ${pieceCount === 1 ? 'piece' : 'pieces'} ${pieces}`;
  return `${who} ${what}: ${tellFate(fate, pieceCount === 1 ? 'it' : 'them')}`;
}

function tellFate({ reason, holders }: Fate, them: 'it' | 'them'): string {
  const names = tellNames(holders.map(labelOf));
  const isOne = holders.length === 1;
  const have = isOne ? 'has' : 'have';
  switch (reason) {
    case 'nobody':
      return `nobody has ${them}`;
    case 'left':
      return `only ${names} had ${them} and ${isOne ? 'it has' : 'they have'} left`;
    case 'unreachable':
      return `only ${names} ${have} ${them} and ${isOne ? 'it is' : 'they are'} unreachable`;
    case 'apart':
      if (holders.length === 0) return `many have ${them}, but there is no link to one of them`;
      return `${names} ${have} ${them}, but there is no link to ${isOne ? 'it' : 'one of them'}`;
  }
}
