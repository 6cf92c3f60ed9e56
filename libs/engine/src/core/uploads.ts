import { LIMITS, pieceDeadlineMs, type Bitfield, type Block, type PeerId, type PieceLayout } from '@shoal/protocol';
import type { Availability } from './availability.ts';
import type { Outbox } from './outbox.ts';
import type { Offer, Peer } from './peer.ts';
import { chooseEndGameOffer, chooseOffer, type Choice } from './upload-scheduler.ts';
import type { UploadWindow } from './upload-window.ts';

/** A promise of somebody else that waits for so many of our usual delays may be kept by us, if we have nothing better. */
const END_GAME_DELAYS = 4;
const END_GAME_LEAST_MS = 250;
/** Also as long as we do not know how long a piece takes; and a slow receiver makes nobody else wait for longer. */
const END_GAME_MOST_MS = 2_000;
/** No value of `Availability.openings`. */
const NEVER = -1;

/** What the sending half works with; shared with the swarm that owns it. */
export interface UploadContext {
  readonly layout: PieceLayout;
  /** Pieces that we can send. */
  readonly have: Bitfield;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly availability: Availability;
  readonly window: UploadWindow;
  readonly outbox: Outbox;
  readonly chance: () => number;
}

/** The sending half of a swarm: offers pieces while the window has room, and sends the blocks that are requested of them. */
export class Uploads {
  readonly #context: UploadContext;
  #isShort = false;
  /** How things stood when there was nothing to offer that nobody else had promised. */
  #exhausted = { openings: NEVER, receivers: 0 };

  constructor(context: UploadContext) {
    this.#context = context;
  }

  /** Whether somebody would be offered something if the window had room. */
  get isWaitingForRoom(): boolean {
    return this.#isShort;
  }

  /** Offers as much as the window allows. */
  offer(nowMs: number): void {
    const { peers, window, layout } = this.#context;
    const receivers = [...peers.values()].filter((peer) => peer.isInterested && !peer.isSeeder && !peer.isStalled);
    this.#isShort = false;
    while (receivers.length > 0) {
      if (!window.hasRoom(layout.pieceLength, this)) {
        this.#isShort = true;
        return;
      }
      const choice = this.#choose(receivers, nowMs);
      if (choice === undefined) break;
      this.#makeOffer(choice, nowMs);
    }
    window.leave(this);
  }

  /** We leave: nobody is offered anything any more. */
  stop(): void {
    this.#context.window.leave(this);
  }

  /** A peer asks for blocks: only of what we offered it, from the beginning of a piece on, and for each once. */
  request(peer: Peer, blocks: readonly Block[], nowMs: number): void {
    const { outbox, layout, have } = this.#context;
    const refused: Block[] = [];
    for (const block of blocks) {
      const offer = peer.offerOf(block.piece);
      const isNext = offer?.requestedBytes === block.begin && layout.isWithinBlock(block);
      if (!isNext || !have.has(block.piece)) {
        // It answers, though too late for what was withdrawn.
        if (offer === undefined) peer.isStalled = false;
        refused.push(block);
        continue;
      }
      if (offer.requestedBytes === 0) peer.roundTripMs = Math.min(peer.roundTripMs, nowMs - offer.offeredMs);
      offer.requestedBytes += block.length;
      offer.askedMs = nowMs;
      if (offer.requestedBytes === offer.bytes) peer.isStalled = false;
      outbox.add({ kind: 'send-block', peerId: peer.id, block });
    }
    outbox.sendBlocks(peer.id, 'reject', refused);
  }

  /** A peer does not want blocks any more that it requested. */
  cancel(peer: Peer, blocks: readonly Block[]): void {
    peer.isStalled = false;
    for (const piece of new Set(blocks.map((block) => block.piece))) this.#withdraw(peer, piece);
  }

  /** A peer refuses pieces that we offered. */
  decline(peer: Peer, pieces: readonly number[], reason: 'have' | 'promised' | 'unwanted', nowMs: number): void {
    peer.isStalled = false;
    for (const piece of pieces) {
      const offer = peer.endOffer(piece);
      if (offer === undefined) continue;
      this.#takeBack(offer);
      // Whether it is on its way or being checked: a `have` follows, or an `expect` that says that it is lacking again.
      if (reason !== 'unwanted') peer.promise(piece, nowMs);
    }
    if (reason === 'unwanted') peer.isInterested = false;
  }

  /** Nobody promises a peer the piece any more. If we did, it had all of it and could not keep it. */
  lackedAgain(peer: Peer, piece: number): void {
    peer.unpromise(piece);
    const offer = peer.offerOf(piece);
    if (offer !== undefined && offer.requestedBytes > 0) this.#withdraw(peer, piece);
  }

  /** A peer has a piece now: if we sent it, the window learns from how long it took. */
  acknowledge(peer: Peer, piece: number, nowMs: number): void {
    const offer = peer.endOffer(piece);
    if (offer === undefined) return;
    if (offer.requestedBytes === 0) {
      this.#takeBack(offer);
      return;
    }
    const { window, outbox } = this.#context;
    const delayMs = nowMs - offer.offeredMs;
    peer.lastDelayMs = delayMs;
    peer.isStalled = false;
    const { bytes, acknowledgedBefore } = offer;
    const roundTripMs = Math.min(delayMs, peer.roundTripMs);
    if (offer.isInWindow) window.acknowledge({ bytes, delayMs, roundTripMs, acknowledgedBefore });
    outbox.add({ kind: 'unsend-piece', peerId: peer.id, piece });
  }

  /** The peer is gone: nothing is under way to it any more. */
  forget(peer: Peer): void {
    for (const offer of peer.leave()) {
      this.#takeBack(offer);
      this.#context.outbox.add({ kind: 'unsend-piece', peerId: peer.id, piece: offer.piece });
    }
  }

  /** Withdraws offers that were not answered, or not acknowledged, in time; those that only stall lose their place. */
  expire(nowMs: number): void {
    this.#exhausted.openings = NEVER;
    for (const peer of this.#context.peers.values()) {
      for (const offer of [...peer.offers]) {
        const isRequested = offer.requestedBytes === offer.bytes;
        const stalledAfterMs = this.#context.window.patienceMs({ lastDelayMs: peer.lastDelayMs, isRequested });
        const waitedMs = nowMs - offer.askedMs;
        const allowedMs = offer.requestedBytes > 0 ? 4 * pieceDeadlineMs(offer.bytes) : LIMITS.offerMs;
        if (nowMs - offer.offeredMs > Math.min(allowedMs, stalledAfterMs)) this.#stall(peer, offer);
        if (waitedMs <= allowedMs) continue;
        this.#withdraw(peer, offer.piece);
        // It may have given this up without a word, and have nothing left by which it could show that it gets on.
        if (offer.requestedBytes > 0 && !peer.hasOffers) peer.isStalled = false;
      }
    }
  }

  /**
   * A receiver that is far slower than usual, or dead and nobody knows yet, must not take the window from the others. What
   * it was offered stays offered, but it is offered nothing more until it shows that it gets on.
   */
  #stall(peer: Peer, offer: Offer): void {
    peer.isStalled = true;
    if (offer.isInWindow) this.#context.window.release(offer.bytes);
    offer.isInWindow = false;
  }

  #choose(receivers: readonly Peer[], nowMs: number): Choice<Peer> | undefined {
    const { have, window } = this.#context;
    const usualMs = window.usualDelayMs ?? END_GAME_MOST_MS;
    const endGameMs = Math.min(END_GAME_MOST_MS, Math.max(END_GAME_LEAST_MS, END_GAME_DELAYS * usualMs));
    return this.#chooseFresh(receivers) ?? chooseEndGameOffer(receivers, (piece) => have.has(piece), nowMs - endGameMs);
  }

  /** What nobody promised; not sought again where there was nothing, until somebody may lack something. */
  #chooseFresh(receivers: readonly Peer[]): Choice<Peer> | undefined {
    const { layout, have, availability, window, chance } = this.#context;
    const { openings } = availability;
    // One that lacks much and takes it slowly must not fill the window whenever the others lack nothing.
    const mostBytes = Math.max(window.limitBytes, 2 * layout.pieceLength) / 2;
    const takers = receivers.length === 1 ? receivers : receivers.filter(({ loadBytes }) => loadBytes < mostBytes);
    if (this.#exhausted.openings === openings && this.#exhausted.receivers === receivers.length) return undefined;
    const choice = chooseOffer({
      pieceBytes: layout.pieceLength,
      receivers: takers,
      // A source goes in order, which disks and whole-file digests like; two others seldom offer the same.
      rarestFirst: availability.rarestFirst(have.isFull ? 0 : chance()),
      has: (piece) => have.has(piece),
      rarity: (piece) => availability.rarity(piece),
      chance,
    });
    if (choice === undefined && takers.length === receivers.length)
      this.#exhausted = { openings, receivers: receivers.length };
    return choice;
  }

  #makeOffer({ receiver, piece }: Choice<Peer>, nowMs: number): void {
    const { layout, window, outbox } = this.#context;
    const bytes = layout.bytesOf(piece);
    window.reserve(bytes);
    receiver.unpromise(piece);
    const acknowledgedBefore = window.acknowledgedBytes;
    const times = { offeredMs: nowMs, askedMs: nowMs };
    receiver.addOffer({ piece, bytes, ...times, acknowledgedBefore, requestedBytes: 0, isInWindow: true });
    outbox.sendPiece(receiver.id, 'offer', piece);
  }

  #withdraw(peer: Peer, piece: number): void {
    const offer = peer.endOffer(piece);
    if (offer === undefined) return;
    this.#takeBack(offer);
    this.#context.outbox.add({ kind: 'unsend-piece', peerId: peer.id, piece });
  }

  /** The piece did not get there through us. */
  #takeBack({ bytes, isInWindow }: Offer): void {
    if (isInWindow) this.#context.window.release(bytes);
  }
}
