import { type Bitfield, type Block, type PeerId, type PieceLayout } from '@shoal/protocol';
import { News } from './news.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import { RateMeter } from './rate-meter.ts';
import type { ReceiveBudget } from './receive-budget.ts';
import { RequestBook } from './request-book.ts';

/** Blocks of so many given-up pieces may still be on their way from one peer. */
const REMEMBERED_GIVEN_UP = 256;
/** What our line carries is seen over so long: on a slow one minutes pass between few pieces. */
const LINE_SPAN_MS = 60_000;
/** How long to wait before writing is tried again after the disk refused. */
const RETRY_STORE_MS = 10_000;

/** What the receiving half works with; shared with the swarm that owns it. */
export interface DownloadContext {
  readonly layout: PieceLayout;
  /** Pieces that are verified and stored; this half adds to it. */
  readonly have: Bitfield;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly budget: ReceiveBudget;
  readonly outbox: Outbox;
}

/**
 * The receiving half of a swarm: answers offers, takes in blocks, and sees each piece through its hash to the disk.
 * A piece is lacking, claimed (promised by one peer, or two in the end game), in process (hashing or being written), or
 * had; `have` alone decides what others are told.
 */
export class Downloads {
  readonly #context: DownloadContext;
  readonly #book: RequestBook;
  readonly #news: News;
  /** Pieces that are being hashed or written, with the peer that sent each. */
  readonly #inProcess = new Map<number, PeerId>();
  /** The promise of which we have not requested everything yet. */
  #openClaim: { readonly peerId: PeerId; readonly piece: number } | undefined;
  /** All that comes, in time or not. */
  readonly #line = new RateMeter(LINE_SPAN_MS);
  #pausedUntilMs = 0;
  #isShort = false;

  constructor(context: DownloadContext) {
    this.#context = context;
    this.#book = new RequestBook(context.layout);
    this.#news = new News(context);
  }

  /** Whether offers or requests are held back because the budget has no room. */
  get isWaitingForRoom(): boolean {
    return this.#isShort;
  }

  /** Whether the disk refused a write a moment ago. */
  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedUntilMs;
  }

  /** A peer can send us pieces. */
  offered(peer: Peer, pieces: readonly number[], nowMs: number): void {
    for (const piece of pieces) peer.heldOffers.add(piece);
    this.#answer(peer, nowMs);
  }

  /** Requests and answers what was held back, as far as there is room. */
  answerHeldOffers(nowMs: number): void {
    this.#isShort = false;
    this.#requestOn(nowMs);
    for (const peer of this.#byTrust()) this.#answer(peer, nowMs);
    if (!this.isWaitingForRoom) this.#context.budget.leave(this);
  }

  /**
   * A block arrived.
   * @returns whether the peer was entitled to send it
   */
  blockReceived(peer: Peer, block: Block, bytes: Uint8Array, nowMs: number): boolean {
    const verdict = this.#book.receive(peer.id, block, bytes, nowMs);
    if (verdict.kind === 'unexpected' && !peer.givenUp.has(block.piece)) return false;
    this.#line.add(block.length, nowMs);
    if (verdict.kind === 'complete') {
      peer.creditBytes += this.#context.layout.bytesOf(block.piece);
      this.#trust(peer);
      this.#inProcess.set(block.piece, peer.id);
      this.#cancelRivals(block.piece);
      this.#context.outbox.add({ kind: 'hash-piece', peerId: peer.id, piece: block.piece, parts: verdict.parts });
    }
    return true;
  }

  /** The hash is right: to the disk with it. */
  hashedWell(piece: number, parts: readonly Uint8Array[]): void {
    this.#context.outbox.add({ kind: 'store-piece', piece, parts });
  }

  /** The hash is wrong, or the disk refused: the piece is lacking again. */
  lost(piece: number): void {
    if (!this.#inProcess.delete(piece)) return;
    this.#context.budget.give(this.#context.layout.bytesOf(piece));
    this.#news.lacking(piece);
  }

  /** The disk refused: accept nothing for a while. */
  pause(nowMs: number): void {
    this.#pausedUntilMs = nowMs + RETRY_STORE_MS;
  }

  /** The piece can be served: tells everybody, its sender at once. */
  stored(piece: number, nowMs: number): void {
    const { have, budget, layout } = this.#context;
    const from = this.#inProcess.get(piece);
    this.#inProcess.delete(piece);
    budget.give(layout.bytesOf(piece));
    if (!have.add(piece)) return;
    this.#news.had(piece, from);
    this.#news.tell(nowMs, have.isFull);
  }

  /** A peer will not send what we requested: it withdrew the offer. Of an older offer that is nothing new. */
  rejected(peer: Peer, blocks: readonly Block[]): void {
    for (const block of blocks) if (this.#book.isOwed(peer.id, block)) this.#giveUp(peer, block.piece);
  }

  /** The peer is gone, and its promises with it. */
  forget(peer: Peer): void {
    for (const piece of this.#book.piecesOf(peer.id)) this.#giveUp(peer, piece);
    this.#book.forget(peer.id);
    this.#trust(peer);
  }

  /** We leave: what is being hashed or written is nobody's business any more. */
  stop(): void {
    for (const piece of this.#inProcess.keys()) this.#context.budget.give(this.#context.layout.bytesOf(piece));
    this.#inProcess.clear();
    this.#context.budget.leave(this);
  }

  /** Withdraws from peers that let their promises wait, and tells what was not told yet. */
  expire(nowMs: number): void {
    this.#news.tell(nowMs, this.#context.have.isFull);
    for (const { piece, peerId } of this.#book.late(nowMs, this.#line.bytesPerSecond(nowMs))) {
      const peer = this.#context.peers.get(peerId);
      if (peer === undefined) continue;
      this.#context.outbox.sendBlocks(peerId, 'cancel', this.#context.layout.blocksOf(piece));
      this.#giveUp(peer, piece);
      peer.creditBytes = 0;
    }
  }

  #answer(peer: Peer, nowMs: number): void {
    const { layout, outbox } = this.#context;
    for (const piece of peer.heldOffers) {
      const refusal = this.#refusalOf(piece, peer, nowMs);
      if (refusal === undefined && !this.#hasCredit(peer)) return;
      if (refusal === undefined && this.#isRequesting) return;
      if (refusal === undefined && !this.#hasRoom(layout.bytesOf(piece), peer)) {
        this.#isShort = true;
        return;
      }
      peer.heldOffers.delete(piece);
      if (refusal === undefined) this.#accept(peer, piece, nowMs);
      else outbox.decline(peer.id, piece, refusal);
    }
  }

  /** Whether the peer may promise one more: what it has delivered is what it is trusted with. */
  #hasCredit(peer: Peer): boolean {
    const promisedBytes = this.#book.piecesOf(peer.id).length * this.#context.layout.pieceLength;
    return promisedBytes === 0 || promisedBytes < peer.creditBytes;
  }

  /** Whether there is memory for a piece; strangers may not take all of it with promises that they do not keep. */
  #hasRoom(bytes: number, { strangerBytes }: Peer): boolean {
    const { budget } = this.#context;
    return (
      (strangerBytes === undefined || budget.hasRoomForStranger(bytes, strangerBytes)) && budget.hasRoom(bytes, this)
    );
  }

  /** Room goes first to those who let no promise wait. */
  #byTrust(): Peer[] {
    const peers = [...this.#context.peers.values()];
    return [
      ...peers.filter(({ creditBytes }) => creditBytes > 0),
      ...peers.filter(({ creditBytes }) => creditBytes === 0),
    ];
  }

  /** The peer has delivered, or is gone: what it promised counts as a stranger's no more. */
  #trust(peer: Peer): void {
    if (peer.strangerBytes !== undefined) this.#context.budget.takeForStranger(-peer.strangerBytes);
    peer.strangerBytes = undefined;
  }

  #countForStranger(peer: Peer, bytes: number): void {
    if (peer.strangerBytes === undefined) return;
    peer.strangerBytes += bytes;
    this.#context.budget.takeForStranger(bytes);
  }

  #refusalOf(piece: number, peer: Peer, nowMs: number): 'have' | 'promised' | 'unwanted' | undefined {
    if (this.#context.have.has(piece) || this.#inProcess.has(piece)) return 'have';
    if (this.isPaused(nowMs)) return 'unwanted';
    const claims = this.#book.claimants(piece);
    if (claims.length === 0) return undefined;
    if (claims.includes(peer.id) || peer.creditBytes === 0) return 'promised';
    // A promise of somebody who has let one wait before keeps nobody else out.
    const credible = claims.filter((id) => this.#context.peers.get(id)?.creditBytes !== 0);
    return credible.length === 0 || (credible.length === 1 && this.#isEndGame) ? undefined : 'promised';
  }

  /** Every piece that we lack is promised by somebody. */
  get #isEndGame(): boolean {
    const { have, layout } = this.#context;
    return have.count + this.#inProcess.size + this.#book.pieceCount === layout.pieceCount;
  }

  #accept(peer: Peer, piece: number, nowMs: number): void {
    const { budget, layout } = this.#context;
    const isFirst = this.#book.claimCount(piece) === 0;
    budget.take(layout.bytesOf(piece));
    this.#countForStranger(peer, layout.bytesOf(piece));
    this.#book.accept(piece, peer.id);
    this.#openClaim = { peerId: peer.id, piece };
    this.#requestOn(nowMs);
    if (isFirst) this.#news.promised(piece, peer.id);
  }

  /** Whether there is a promise of which we have not requested everything. */
  get #isRequesting(): boolean {
    return this.#openClaim !== undefined && this.#book.isOpen(this.#openClaim.piece, this.#openClaim.peerId);
  }

  /** Requests as much of the piece that was accepted last as the limit allows. */
  #requestOn(nowMs: number): void {
    const { budget, outbox } = this.#context;
    if (this.#openClaim === undefined) return;
    const { peerId, piece } = this.#openClaim;
    const blocks: Block[] = [];
    while (this.#isRequesting && budget.mayRequest(nowMs, this)) {
      const block = this.#book.request(piece, peerId, budget.partBytes, nowMs);
      budget.request(block.length, nowMs);
      blocks.push(block);
    }
    outbox.sendBlocks(peerId, 'request', blocks);
    if (this.#isRequesting) this.#isShort = true;
    else {
      this.#openClaim = undefined;
      budget.allRequested(this);
    }
  }

  /** Somebody was faster: the other promise of this piece is not needed. */
  #cancelRivals(piece: number): void {
    for (const peerId of this.#book.claimants(piece)) {
      const rival = this.#context.peers.get(peerId);
      if (rival === undefined) continue;
      this.#context.outbox.sendBlocks(peerId, 'cancel', this.#context.layout.blocksOf(piece));
      this.#giveUp(rival, piece);
    }
  }

  #giveUp(peer: Peer, piece: number): void {
    if (!this.#book.drop(piece, peer.id)) return;
    const bytes = this.#context.layout.bytesOf(piece);
    this.#context.budget.give(bytes);
    this.#countForStranger(peer, -bytes);
    peer.givenUp.add(piece);
    if (peer.givenUp.size > REMEMBERED_GIVEN_UP) peer.givenUp.delete([...peer.givenUp][0] ?? piece);
    const isLacking = this.#book.claimCount(piece) === 0 && !this.#inProcess.has(piece);
    if (isLacking) this.#news.lacking(piece, peer.id);
  }
}
