import { Bitfield, type SwarmMember, type ToldPieces } from '@shoal/protocol';

/** A machine in a swarm as the page knows it: what was told last, and what has come together. */
export interface Member extends Omit<SwarmMember, 'pieces'> {
  /** Which pieces it has; undefined until that is told. Never changed: another one takes its place. */
  readonly held: Bitfield | undefined;
  /** When it was told of last, in milliseconds. */
  readonly toldAtMs: number;
  /** The highest rates seen since the page looked, in bytes a second. */
  readonly peakReceived: number;
  readonly peakSent: number;
}

/** Which pieces a machine got and lost by a change. */
interface PieceChange {
  readonly held: Bitfield | undefined;
  readonly gained: readonly number[];
  readonly lost: readonly number[];
}

/**
 * A member after it was told of again.
 * @param before what was known of it last, in this swarm and before it left it
 * @param news which pieces it has now, and the time
 */
export function memberAfter(
  told: SwarmMember,
  before: Member | undefined,
  { held, nowMs }: { readonly held: Bitfield | undefined; readonly nowMs: number },
): Member {
  const { pieces: _pieces, ...rest } = told;
  const feeders = told.feeders ?? before?.feeders;
  return {
    ...rest,
    ...(feeders === undefined ? {} : { feeders }),
    held,
    toldAtMs: nowMs,
    peakReceived: Math.max(told.receivedBytesPerSecond, before?.peakReceived ?? 0),
    peakSent: Math.max(told.sentBytesPerSecond, before?.peakSent ?? 0),
  };
}

/** What news of pieces does to a bitfield. An agent may say what does not fit the share: that is passed over. */
export function changePieces(held: Bitfield | undefined, told: ToldPieces | undefined, size: number): PieceChange {
  if (told === undefined) return { held, gained: [], lost: [] };
  if ('gained' in told) {
    const gained = told.gained.filter((piece) => piece < size && held?.has(piece) !== true);
    return { held: withPieces(held ?? new Bitfield(size), gained), gained: [...new Set(gained)], lost: [] };
  }
  const whole = readBits(told.bits, size);
  if (whole === undefined) return { held, gained: [], lost: [] };
  const gained = [...whole].filter((piece) => held?.has(piece) !== true);
  const lost = held === undefined ? [] : [...held].filter((piece) => !whole.has(piece));
  return { held: whole, gained, lost };
}

function withPieces(held: Bitfield, gained: readonly number[]): Bitfield {
  if (gained.length === 0) return held;
  const after = held.clone();
  for (const piece of gained) after.add(piece);
  return after;
}

function readBits(bits: string, size: number): Bitfield | undefined {
  try {
    return Bitfield.fromBase64(bits, size);
  } catch {
    return undefined;
  }
}
