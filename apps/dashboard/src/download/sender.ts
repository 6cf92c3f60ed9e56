import { Bitfield, type PeerId, type ShoalError, type SwarmMessageBody } from '@shoal/protocol';

/** What a stranger may promise before it has delivered anything. */
const FIRST_CREDIT_BYTES = 2 * 1024 * 1024;
/** A sender that delivers less within the time for a piece lets it wait: a byte now and then is no delivery. */
const LEAST_BYTES = 16 * 1024;
/** Blocks of so many given-up pieces may still be on their way. */
const REMEMBERED_GIVEN_UP = 256;

/** What can be done to the agent at the other end of a link. */
export interface SenderLink {
  send(body: SwarmMessageBody): void;
  /** It broke the rules: closes, for good. */
  ban(error: ShoalError): void;
}

/** One agent that may send us pieces, as we see it in one download. */
export class Sender {
  readonly id: PeerId;
  /** What people call it. */
  readonly name: string;
  readonly link: SenderLink;
  /** Where in the file we begin to ask it, from 0 to 1, so that two senders seldom offer the same. */
  readonly beginAt: number;
  readonly has: Bitfield;
  hasBitfield = false;
  /** Whether it takes us for interested. */
  isAsked = false;
  askedMs = Number.NEGATIVE_INFINITY;
  /** What it offers and we have not answered, oldest first. */
  readonly heldOffers = new Set<number>();
  /** Bytes that it may have promised at once; one piece it always may. */
  creditBytes = FIRST_CREDIT_BYTES;
  /** When it last delivered something. */
  deliveredMs = Number.NEGATIVE_INFINITY;
  readonly #givenUp = new Set<number>();
  #paceBytes = 0;

  constructor(who: { id: PeerId; name: string; link: SenderLink; beginAt: number; pieceCount: number }) {
    this.id = who.id;
    this.name = who.name;
    this.link = who.link;
    this.beginAt = who.beginAt;
    this.has = new Bitfield(who.pieceCount);
  }

  /** Bytes came; what all of its promises wait for is the same line, so they count for each. */
  delivered(bytes: number, nowMs: number): void {
    this.#paceBytes += bytes;
    if (this.#paceBytes < LEAST_BYTES) return;
    this.#paceBytes = 0;
    this.deliveredMs = nowMs;
  }

  /** We do not wait for the piece any more; blocks of it may still come. */
  giveUp(piece: number): void {
    this.#givenUp.add(piece);
    const [oldest] = this.#givenUp;
    if (this.#givenUp.size > REMEMBERED_GIVEN_UP && oldest !== undefined) this.#givenUp.delete(oldest);
  }

  hasGivenUp(piece: number): boolean {
    return this.#givenUp.has(piece);
  }
}
