import { Bitfield, type PeerId } from '@shoal/protocol';
import type { Availability } from './availability.ts';
import { RateMeter } from './rate-meter.ts';

/** What a stranger may promise before it has delivered anything: enough for a quick start, little of the budget. */
const FIRST_CREDIT_BYTES = 2 * 1024 * 1024;

/** A piece that we offered to a peer and that it has not acknowledged yet. */
export interface Offer {
  readonly piece: number;
  readonly bytes: number;
  readonly offeredMs: number;
  /** The window's `acknowledgedBytes` when it was offered. */
  readonly acknowledgedBefore: number;
  /** How much of the piece the peer has asked for, from its beginning on; nothing until it accepts. */
  requestedBytes: number;
  /** When it last asked for some of it, or was offered it. */
  askedMs: number;
  /** Whether it still holds its place in the window: one that stalls does not. */
  isInWindow: boolean;
}

/**
 * One remote peer in one swarm, as we see it: what it has, what it was promised by us or by others, whether it wants
 * anything, and how fast bytes go either way. It keeps the swarm's availability in step with every change.
 */
export class Peer {
  readonly id: PeerId;
  readonly received = new RateMeter();
  readonly sent = new RateMeter();
  /** It has said that it wants pieces. */
  isInterested = false;
  /** Pieces that it wants before all others. */
  wantedFirst: readonly number[] = [];
  /** It has sent its bitfield, which comes once and first. */
  hasBitfield = false;
  /** It was sent the metainfo: a document of megabytes for a message of bytes, so it gets it once. */
  hasMetainfo = false;
  /** Pieces that it offers to us and that we have not answered yet, oldest first. */
  readonly heldOffers = new Set<number>();
  /** Bytes that it may have promised us at once; one piece it always may. */
  creditBytes = FIRST_CREDIT_BYTES;
  /** Bytes that it has promised and that are counted as a stranger's; undefined once it has delivered a piece. */
  strangerBytes: number | undefined = 0;
  /** Pieces that we gave up on: blocks of them may still arrive, and are no violation. */
  readonly givenUp = new Set<number>();
  /** Shortest time from our offer to its request. */
  roundTripMs = Number.POSITIVE_INFINITY;
  /** The latest time from our offer to its `have`; 0 until there is one. */
  lastDelayMs = 0;
  /** It lets our offers wait for far longer than usual. */
  isStalled = false;
  readonly #availability: Availability;
  readonly #has: Bitfield;
  /** What it has, or has been promised by anybody: what must not be offered. */
  readonly #claimed: Bitfield;
  readonly #promisedSince = new Map<number, number>();
  readonly #offers = new Map<number, Offer>();
  #loadBytes = 0;

  constructor(id: PeerId, pieceCount: number, availability: Availability) {
    this.id = id;
    this.#availability = availability;
    this.#has = new Bitfield(pieceCount);
    this.#claimed = new Bitfield(pieceCount);
  }

  has(piece: number): boolean {
    return this.#has.has(piece);
  }

  /** Neither has it nor was promised it. */
  lacks(piece: number): boolean {
    return !this.#claimed.has(piece);
  }

  /** Pieces that it has or was promised. */
  get claimedCount(): number {
    return this.#claimed.count;
  }

  get isSeeder(): boolean {
    return this.#has.isFull;
  }

  /** Bytes of our offers to it. */
  get loadBytes(): number {
    return this.#loadBytes;
  }

  /** Our offers to it, oldest first. */
  get offers(): Iterable<Offer> {
    return this.#offers.values();
  }

  /** Whether anything is under way to it. */
  get hasOffers(): boolean {
    return this.#offers.size > 0;
  }

  /** Pieces that others promised it, with the time when we heard of it. */
  get promises(): Iterable<readonly [piece: number, sinceMs: number]> {
    return this.#promisedSince;
  }

  /** It says that it has a piece; returns whether that is new. */
  gain(piece: number): boolean {
    if (!this.#has.add(piece)) return false;
    this.unpromise(piece);
    this.#claimed.add(piece);
    this.#availability.add(piece);
    return true;
  }

  /** It says that somebody promised it a piece. */
  promise(piece: number, nowMs: number): void {
    if (this.has(piece) || this.#promisedSince.has(piece)) return;
    this.#promisedSince.set(piece, nowMs);
    this.#claimed.add(piece);
    this.#availability.add(piece);
  }

  /** The promise is kept or withdrawn. */
  unpromise(piece: number): void {
    if (!this.#promisedSince.delete(piece)) return;
    this.#availability.remove(piece);
    this.#unclaim(piece);
  }

  offerOf(piece: number): Offer | undefined {
    return this.#offers.get(piece);
  }

  /** We offer it a piece. */
  addOffer(offer: Offer): void {
    this.#offers.set(offer.piece, offer);
    this.#loadBytes += offer.bytes;
    this.#claimed.add(offer.piece);
    this.#availability.add(offer.piece);
  }

  /** Our offer is kept, refused or withdrawn; returns it if there was one. */
  endOffer(piece: number): Offer | undefined {
    const offer = this.#offers.get(piece);
    if (offer === undefined) return undefined;
    this.#offers.delete(piece);
    this.#loadBytes -= offer.bytes;
    this.#availability.remove(piece);
    this.#unclaim(piece);
    return offer;
  }

  /** It left: takes everything that it had or was promised out of the availability, and returns our open offers. */
  leave(): Offer[] {
    const offers = [...this.#offers.values()];
    for (const { piece } of offers) this.endOffer(piece);
    for (const piece of [...this.#promisedSince.keys()]) this.unpromise(piece);
    for (const piece of this.#has) this.#availability.remove(piece);
    return offers;
  }

  #unclaim(piece: number): void {
    if (this.has(piece) || this.#promisedSince.has(piece) || this.#offers.has(piece)) return;
    this.#claimed.delete(piece);
  }
}
