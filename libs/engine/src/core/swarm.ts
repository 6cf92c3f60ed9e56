/**
 * One share among its peers. A swarm owns its state and changes it only while it handles an event; each question it hands
 * to a small module: what to offer to whom (`Uploads`), what to accept from whom (`Downloads`), what a peer has (`Peer`).
 * Here stands only which event goes where, and what breaks the rules.
 */
import { LIMITS, reportError, ShoalError } from '@shoal/protocol';
import type { Bitfield, Block, ErrorReport, InfoHash, PeerId, PieceLayout, SwarmMessageBody } from '@shoal/protocol';
import { Availability } from './availability.ts';
import { hear, type ConversationContext } from './conversation.ts';
import { Downloads } from './downloads.ts';
import type { Effect, SwarmEvent } from './events.ts';
import { piecesNobodyHas } from './nobody-has.ts';
import { Outbox } from './outbox.ts';
import { Peer } from './peer.ts';
import { RateMeter } from './rate-meter.ts';
import type { ReceiveBudget } from './receive-budget.ts';
import type { SwarmSnapshot } from './snapshot.ts';
import type { UploadWindow } from './upload-window.ts';
import { Uploads } from './uploads.ts';

/** What a swarm starts from. Window and budget are the agent's, shared by all its swarms. */
export interface SwarmOptions {
  readonly infoHash: InfoHash;
  readonly layout: PieceLayout;
  /** Pieces that are verified and stored; the swarm takes it over. */
  readonly have: Bitfield;
  readonly window: UploadWindow;
  readonly budget: ReceiveBudget;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
}

type PeerEvent = Exclude<SwarmEvent, { kind: 'peer-joined' }> & { peerId: PeerId };

export class Swarm {
  readonly infoHash: InfoHash;
  readonly #layout: PieceLayout;
  readonly #have: Bitfield;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #availability: Availability;
  readonly #outbox = new Outbox();
  /**
   * Pieces that those who left had promised us. One that comes back on the same link may get our request only then, and take
   * it for one of what it offers now.
   */
  readonly #leftOpen = new Map<PeerId, ReadonlySet<number>>();
  readonly #uploads: Uploads;
  readonly #downloads: Downloads;
  readonly #conversation: ConversationContext;
  readonly #received = new RateMeter();
  readonly #sent = new RateMeter();
  #eventCount = 0;
  #isFinished = false;
  #wasPaused = false;
  #problem: ErrorReport | undefined;

  constructor({ infoHash, layout, have, window, budget, chance }: SwarmOptions) {
    this.infoHash = infoHash;
    this.#layout = layout;
    this.#have = have;
    this.#availability = new Availability(layout.pieceCount);
    for (const piece of have) this.#availability.own(piece);
    const shared = { layout, have, peers: this.#peers, outbox: this.#outbox };
    this.#uploads = new Uploads({ ...shared, availability: this.#availability, window, chance });
    this.#downloads = new Downloads({ ...shared, budget });
    this.#conversation = { layout, uploads: this.#uploads, downloads: this.#downloads, outbox: this.#outbox };
  }

  /** All pieces are verified and stored. */
  get isComplete(): boolean {
    return this.#have.isFull;
  }

  /** Bytes that are still lacking. */
  get leftBytes(): number {
    return this.#layout.totalBytes - this.#verifiedBytes;
  }

  /** Whether room in the window or the budget, made by another swarm, would be used here. */
  get isWaitingForRoom(): boolean {
    return this.#peers.size > 0 && (this.#uploads.isWaitingForRoom || this.#downloads.isWaitingForRoom);
  }

  /** Whether time alone changes nothing here: nobody wants anything, and nothing was promised. */
  get isAtRest(): boolean {
    if (this.#peers.size === 0) return true;
    if (!this.isComplete || this.#wasPaused) return false;
    for (const peer of this.#peers.values()) if (peer.isInterested || peer.loadBytes > 0) return false;
    return true;
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  /** Events so far: while their number stays the same, so does everything but the rates. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** The pieces that are verified and stored at this moment. */
  copyOfPieces(): Bitfield {
    return this.#have.clone();
  }

  /** What to do first; called once, before any event. */
  start(): Effect[] {
    return this.isComplete ? [{ kind: 'finish' }] : [];
  }

  /** Changes the state by one event and says what to do. */
  handle(event: SwarmEvent, nowMs: number): Effect[] {
    this.#eventCount++;
    if (event.kind === 'peer-joined') this.#peerJoined(event.peerId);
    else if ('peerId' in event) this.#peerEvent(event, nowMs);
    else this.#ownEvent(event, nowMs);
    return this.#outbox.take();
  }

  /** We leave: gives back all that it holds of window and budget. No event may follow. */
  stop(): void {
    const peers = [...this.#peers.values()];
    this.#peers.clear();
    for (const peer of peers) this.#forget(peer);
    this.#downloads.stop();
    this.#uploads.stop();
  }

  snapshot(nowMs: number): SwarmSnapshot {
    const receivedBytesPerSecond = this.#received.bytesPerSecond(nowMs);
    const peers = [...this.#peers.values()];
    const nobodyHas = receivedBytesPerSecond > 0 ? undefined : piecesNobodyHas(this.#have, peers);
    return {
      infoHash: this.infoHash,
      pieceCount: this.#layout.pieceCount,
      verifiedPieces: this.#have.count,
      verifiedBytes: this.#verifiedBytes,
      isComplete: this.isComplete,
      isFinished: this.#isFinished,
      receivedBytes: this.#received.totalBytes,
      sentBytes: this.#sent.totalBytes,
      receivedBytesPerSecond,
      sentBytesPerSecond: this.#sent.bytesPerSecond(nowMs),
      peers: peers.map((peer) => ({
        peerId: peer.id,
        isSeeder: peer.isSeeder,
        receivedBytes: peer.received.totalBytes,
        sentBytes: peer.sent.totalBytes,
        receivedBytesPerSecond: peer.received.bytesPerSecond(nowMs),
      })),
      ...(nobodyHas === undefined ? {} : { nobodyHas }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  get #verifiedBytes(): number {
    const lastPiece = this.#layout.pieceCount - 1;
    const shortBy = this.#have.has(lastPiece) ? this.#layout.pieceLength - this.#layout.bytesOf(lastPiece) : 0;
    return this.#have.count * this.#layout.pieceLength - shortBy;
  }

  #peerJoined(peerId: PeerId): void {
    const peer = new Peer(peerId, this.#layout.pieceCount, this.#availability);
    for (const piece of this.#leftOpen.get(peerId) ?? []) peer.givenUp.add(piece);
    this.#leftOpen.delete(peerId);
    this.#peers.set(peerId, peer);
    this.#outbox.send(peerId, { kind: 'bitfield', bits: this.#have.toBase64() });
    if (!this.isComplete) this.#outbox.send(peerId, { kind: 'interested' });
  }

  /** Events of one peer. Those of a peer that has left meanwhile say nothing, but that its last piece is hashed. */
  #peerEvent(event: PeerEvent, nowMs: number): void {
    const peer = this.#peers.get(event.peerId);
    if (event.kind === 'piece-hashed') this.#hashed(event, nowMs);
    else if (peer === undefined) return;
    else if (event.kind === 'message-received') this.#message(peer, event.message, nowMs);
    else if (event.kind === 'block-received') this.#blockReceived(peer, event, nowMs);
    else if (event.kind === 'block-sent') {
      peer.sent.add(event.block.length, nowMs);
      this.#sent.add(event.block.length, nowMs);
    } else this.#peerLeft(peer, nowMs);
  }

  #ownEvent(event: Exclude<SwarmEvent, PeerEvent | { kind: 'peer-joined' }>, nowMs: number): void {
    switch (event.kind) {
      case 'piece-stored':
        this.#downloads.stored(event.piece, nowMs);
        this.#availability.own(event.piece);
        if (this.isComplete) this.#completed();
        break;
      case 'piece-not-stored':
        this.#problem = reportError(event.error);
        this.#downloads.pause(nowMs);
        this.#downloads.lost(event.piece);
        this.#wasPaused = true;
        return;
      case 'finished':
        this.#isFinished = true;
        return;
      case 'store-failed':
        this.#problem = reportError(event.error);
        this.#outbox.add({ kind: 'withdraw', error: event.error });
        return;
      case 'tick':
        this.#downloads.expire(nowMs);
        this.#uploads.expire(nowMs);
        this.#resumeAfterPause(nowMs);
        break;
      case 'room-made':
        break;
    }
    this.#downloads.answerHeldOffers(nowMs);
    this.#uploads.offer(nowMs);
  }

  #peerLeft(peer: Peer, nowMs: number): void {
    this.#peers.delete(peer.id);
    this.#forget(peer);
    this.#downloads.answerHeldOffers(nowMs);
    this.#uploads.offer(nowMs);
  }

  #forget(peer: Peer): void {
    this.#downloads.forget(peer);
    if (peer.givenUp.size > 0) this.#leftOpen.set(peer.id, peer.givenUp);
    const [oldest] = this.#leftOpen.keys();
    if (oldest !== undefined && this.#leftOpen.size > LIMITS.links) this.#leftOpen.delete(oldest);
    this.#uploads.forget(peer);
  }

  #blockReceived(peer: Peer, event: Extract<SwarmEvent, { kind: 'block-received' }>, nowMs: number): void {
    const block: Block = { piece: event.piece, begin: event.begin, length: event.bytes.length };
    if (!this.#downloads.blockReceived(peer, block, event.bytes, nowMs)) {
      const message = 'the peer sent a block that was not requested';
      this.#outbox.add({ kind: 'ban-peer', peerId: peer.id, code: 'protocol-violation', message });
      return;
    }
    peer.received.add(block.length, nowMs);
    this.#received.add(block.length, nowMs);
  }

  #hashed({ peerId, piece, isGood, parts }: Extract<SwarmEvent, { kind: 'piece-hashed' }>, nowMs: number): void {
    if (isGood) {
      this.#downloads.hashedWell(piece, parts);
      return;
    }
    this.#downloads.lost(piece);
    const message = `piece ${String(piece)} fails its SHA-256`;
    this.#outbox.add({ kind: 'ban-peer', peerId, code: 'bad-piece', message });
    this.#uploads.offer(nowMs);
  }

  #completed(): void {
    this.#problem = undefined;
    for (const peer of this.#peers.values()) this.#outbox.send(peer.id, { kind: 'notInterested' });
    this.#outbox.add({ kind: 'finish' });
  }

  #resumeAfterPause(nowMs: number): void {
    if (!this.#wasPaused || this.#downloads.isPaused(nowMs)) return;
    this.#wasPaused = false;
    this.#problem = undefined;
    for (const peer of this.#peers.values()) this.#outbox.send(peer.id, { kind: 'interested' });
  }

  #message(peer: Peer, message: SwarmMessageBody, nowMs: number): void {
    try {
      hear(this.#conversation, peer, message, nowMs);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#outbox.add({ kind: 'ban-peer', peerId: peer.id, code: error.code, message: error.message });
    }
  }
}
