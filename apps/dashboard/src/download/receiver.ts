/**
 * The receiving half of the protocol for one file: says what it wants, answers offers, takes in blocks, and sees each
 * piece through its hash to the sink. A wanted piece is lacking, claimed (promised by one sender, in the end game by
 * two), in process (hashed or being written) or had. It knows nothing of sockets, files or the page.
 *
 * The sender chooses what it offers, rarest first; so each is told which pieces are wanted `first`, and what it offers
 * besides is declined as unwanted, after which it is told anew.
 */
import {
  Bitfield,
  LIMITS,
  ShoalError,
  type BlockFrame,
  type PieceLayout,
  type SwarmMessageBody,
} from '@shoal/protocol';
import { Asking } from './asking.ts';
import { Claims, takeBlock, type Claim } from './claims.ts';
import type { Clock } from './clock.ts';
import type { FilePieces } from './file-part.ts';
import { isSameDigest, type HashPiece } from './piece-check.ts';
import type { Sender } from './sender.ts';
import type { Sink } from './sink.ts';

/** What stands in memory at once, of promised pieces and of those that wait for their hash or the disk. */
const WINDOW_BYTES = 32 * 1024 * 1024;

export interface ReceiverParts {
  readonly file: FilePieces;
  readonly hash: HashPiece;
  readonly sink: Pick<Sink, 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  /** A piece is verified and written. @param bytes how many of it are the file's */
  onVerified(sender: Sender, bytes: number): void;
  /** All pieces are. */
  onComplete(): void;
  /** The sink or the hash failed: nothing more will come of this. */
  onFailed(error: ShoalError): void;
}

type Refusal = 'have' | 'promised' | 'unwanted';

export class Receiver {
  readonly #parts: ReceiverParts;
  readonly #layout: PieceLayout;
  readonly #senders = new Set<Sender>();
  readonly #claims = new Claims();
  readonly #lacking: Set<number>;
  readonly #asking: Asking;
  readonly #inProcess = new Set<number>();
  readonly #had = new Set<number>();
  #inProcessBytes = 0;
  /** Nothing more is taken in or written. */
  isStopped = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    this.#layout = parts.file.metainfo.layout;
    this.#lacking = new Set(parts.file.pieces);
    this.#asking = new Asking({
      senders: this.#senders,
      lacking: this.#lacking,
      claims: this.#claims,
      clock: parts.clock,
    });
  }

  /** Whether some linked sender has something that we lack. */
  get hasSource(): boolean {
    const wanted = [...this.#lacking, ...this.#claims.all().map(({ piece }) => piece), ...this.#inProcess];
    return [...this.#senders].some(({ has }) => wanted.some((piece) => has.has(piece)));
  }

  /** Both sides are in the swarm. */
  entered(sender: Sender): void {
    this.#senders.add(sender);
    sender.link.send({ kind: 'bitfield', bits: new Bitfield(this.#layout.pieceCount).toBase64() });
  }

  left(sender: Sender): void {
    if (!this.#senders.delete(sender)) return;
    for (const claim of this.#claims.ofSender(sender)) this.#withdraw(claim);
    this.#answerAll();
  }

  heard(sender: Sender, message: SwarmMessageBody): void {
    if (this.isStopped) return;
    try {
      this.#hear(sender, message);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      sender.link.ban(error);
    }
  }

  blockCame(sender: Sender, { piece, begin, bytes }: BlockFrame): void {
    if (this.isStopped) return;
    const claim = this.#claims.of(piece).find((each) => each.sender === sender);
    const verdict = claim === undefined ? 'unexpected' : takeBlock(claim, begin, bytes);
    if (verdict === 'unexpected' && !sender.hasGivenUp(piece)) {
      sender.link.ban(violation('a block that was not requested'));
      return;
    }
    sender.delivered(bytes.length, this.#parts.clock.now());
    if (claim !== undefined && verdict === 'complete') void this.#process(claim);
  }

  /** Withdraws promises that wait for too long, and asks again where nothing goes on; to be called every second or so. */
  tick(): void {
    if (this.isStopped) return;
    for (const claim of this.#claims.late(this.#parts.clock.now())) {
      this.#cancel(claim);
      claim.sender.creditBytes = 0;
      this.#withdraw(claim);
    }
    this.#asking.tick();
    this.#answerAll();
  }

  #hear(sender: Sender, message: SwarmMessageBody): void {
    if ((message.kind === 'bitfield') === sender.hasBitfield && message.kind !== 'metainfo?') {
      throw violation(sender.hasBitfield ? 'a second bitfield' : `"${message.kind}" before its bitfield`);
    }
    if (message.kind === 'bitfield') this.#learn(sender, message.bits);
    else if (message.kind === 'have') this.#gained(sender, message.pieces);
    else if (message.kind === 'offer') this.#offered(sender, message.pieces);
    else if (message.kind === 'reject') this.#rejected(sender, message.blocks);
    else if (message.kind === 'metainfo') throw violation('a metainfo that nobody asked for');
  }

  #learn(sender: Sender, bits: string): void {
    for (const piece of Bitfield.fromBase64(bits, this.#layout.pieceCount)) sender.has.add(piece);
    sender.hasBitfield = true;
    this.#asking.ask(sender);
  }

  #gained(sender: Sender, pieces: readonly number[]): void {
    for (const piece of pieces) sender.has.add(this.#checked(piece));
    if (!sender.isAsked && pieces.some((piece) => this.#lacking.has(piece))) this.#asking.ask(sender);
  }

  #offered(sender: Sender, pieces: readonly number[]): void {
    for (const piece of pieces) sender.heldOffers.add(this.#checked(piece));
    if (sender.heldOffers.size > LIMITS.outstandingRequests) throw violation('more offers than may be open');
    this.#answer(sender);
  }

  #rejected(sender: Sender, blocks: readonly (readonly [number, number, number])[]): void {
    for (const piece of new Set(blocks.map(([each]) => each))) {
      const claim = this.#claims.of(piece).find((each) => each.sender === sender);
      if (claim !== undefined) this.#withdraw(claim);
    }
  }

  #checked(piece: number): number {
    if (piece < this.#layout.pieceCount) return piece;
    throw violation(`piece ${piece} of ${this.#layout.pieceCount}`);
  }

  /** Answers what is held back, as far as there is room: those first that were promised least. */
  #answerAll(): void {
    const load = (sender: Sender): number => this.#claims.ofSender(sender).length;
    for (const sender of [...this.#senders].sort((a, b) => load(a) - load(b))) this.#answer(sender);
  }

  #answer(sender: Sender): void {
    const refused: Record<Refusal, number[]> = { have: [], promised: [], unwanted: [] };
    for (const piece of sender.heldOffers) {
      const refusal = this.#refusalOf(piece, sender);
      if (refusal === undefined && !this.#hasRoom(piece, sender)) break;
      sender.heldOffers.delete(piece);
      if (refusal === undefined) this.#accept(sender, piece);
      else refused[refusal].push(piece);
    }
    for (const reason of ['have', 'promised', 'unwanted'] as const) {
      const pieces = refused[reason];
      for (let at = 0; at < pieces.length; at += LIMITS.listEntries) {
        sender.link.send({ kind: 'decline', pieces: pieces.slice(at, at + LIMITS.listEntries), reason });
      }
    }
    if (refused.unwanted.length === 0) return;
    sender.isAsked = false;
    this.#asking.ask(sender);
  }

  #refusalOf(piece: number, sender: Sender): Refusal | undefined {
    if (this.#had.has(piece) || this.#inProcess.has(piece)) return 'have';
    if (this.#lacking.has(piece)) return undefined;
    const [claim, second] = this.#claims.of(piece);
    if (claim === undefined) return 'unwanted';
    if (second !== undefined || claim.sender === sender || sender.creditBytes === 0) return 'promised';
    const isEndGame = this.#lacking.size === 0;
    return isEndGame || claim.sender.creditBytes === 0 ? undefined : 'promised';
  }

  #hasRoom(piece: number, sender: Sender): boolean {
    const promisedBytes = this.#claims.ofSender(sender).length * this.#layout.pieceLength;
    if (promisedBytes > 0 && promisedBytes >= sender.creditBytes) return false;
    const usedBytes = this.#claims.bytes + this.#inProcessBytes;
    return usedBytes === 0 || usedBytes + this.#layout.bytesOf(piece) <= WINDOW_BYTES;
  }

  #accept(sender: Sender, piece: number): void {
    const isFirst = this.#lacking.delete(piece);
    this.#claims.add(piece, sender, this.#layout.bytesOf(piece), this.#parts.clock.now());
    sender.link.send({ kind: 'request', blocks: this.#blocksOf(piece) });
    if (isFirst) this.#tellOthers(piece, sender, { kind: 'expect', add: [piece], drop: [] });
  }

  async #process(claim: Claim): Promise<void> {
    const { piece, sender, bytes } = claim;
    sender.creditBytes += bytes.length;
    this.#claims.drop(claim);
    for (const rival of this.#claims.of(piece)) {
      this.#cancel(rival);
      this.#claims.drop(rival);
    }
    this.#inProcess.add(piece);
    this.#inProcessBytes += bytes.length;
    try {
      await this.#verifyAndWrite(claim);
    } catch (error) {
      if (!this.isStopped) this.#parts.onFailed(asFailure(error));
    }
  }

  async #verifyAndWrite({ piece, sender, bytes }: Claim): Promise<void> {
    const { file, hash, sink } = this.#parts;
    const isGood = isSameDigest(await hash(bytes), file.metainfo.digestOf(piece));
    if (this.#isOver()) return;
    const part = file.partOf(piece, bytes);
    if (isGood) await sink.write(part.position, part.bytes);
    if (this.#isOver()) return;
    this.#inProcess.delete(piece);
    this.#inProcessBytes -= bytes.length;
    if (isGood) this.#gotIt(sender, piece, part.bytes.length);
    else {
      sender.link.ban(new ShoalError('bad-piece', `piece ${piece} fails its SHA-256`));
      this.#lackedAgain(piece, sender);
    }
    this.#answerAll();
  }

  /** Asked anew after each wait. */
  #isOver(): boolean {
    return this.isStopped;
  }

  #gotIt(sender: Sender, piece: number, fileBytes: number): void {
    this.#had.add(piece);
    // Its sender first: for that one it is the acknowledgement.
    for (const each of new Set([sender, ...this.#senders])) {
      if (this.#senders.has(each)) each.link.send({ kind: 'have', pieces: [piece] });
    }
    this.#parts.onVerified(sender, fileBytes);
    if (this.#had.size < this.#parts.file.pieces.length) return;
    this.isStopped = true;
    this.#parts.onComplete();
  }

  #cancel({ piece, sender }: Claim): void {
    sender.link.send({ kind: 'cancel', blocks: this.#blocksOf(piece) });
    sender.giveUp(piece);
  }

  /** The promise is over. */
  #withdraw(claim: Claim): void {
    claim.sender.giveUp(claim.piece);
    if (this.#claims.drop(claim)) this.#lackedAgain(claim.piece, claim.sender);
  }

  #lackedAgain(piece: number, from: Sender): void {
    this.#lacking.add(piece);
    this.#tellOthers(piece, from, { kind: 'expect', add: [], drop: [piece] });
    for (const sender of this.#senders) if (!sender.isAsked && sender.has.has(piece)) this.#asking.ask(sender);
  }

  /** Tells those who might offer a piece, other than whose promise it is about. */
  #tellOthers(piece: number, promiser: Sender, message: SwarmMessageBody): void {
    for (const sender of this.#senders) if (sender !== promiser && sender.has.has(piece)) sender.link.send(message);
  }

  #blocksOf(piece: number): [number, number, number][] {
    return this.#layout.blocksOf(piece).map(({ begin, length }) => [piece, begin, length]);
  }
}

function asFailure(error: unknown): ShoalError {
  if (error instanceof ShoalError) return error;
  return new ShoalError('storage-failed', 'the browser failed', { cause: error });
}

function violation(what: string): ShoalError {
  return new ShoalError('protocol-violation', `the agent sent ${what}`);
}
