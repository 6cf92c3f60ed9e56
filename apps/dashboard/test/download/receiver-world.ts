/** A receiver of one file, and senders that do what the test says. */
import { Bitfield, type PeerId, type ShoalError, type SwarmMessageBody } from '@shoal/protocol';
import { FilePieces } from '../../src/download/file-part.ts';
import { Receiver } from '../../src/download/receiver.ts';
import { Sender } from '../../src/download/sender.ts';
import { sampleShare, sha256, type SampleShare } from './sample-share.ts';

export const KiB = 1024;
export const MiB = 1024 * KiB;

/** An agent as the receiver sees it, and what it was told. */
export interface Heard {
  readonly sender: Sender;
  /** What came since it was asked last. */
  take(): SwarmMessageBody[];
  readonly bans: string[];
}

export class World {
  readonly share: SampleShare;
  readonly receiver: Receiver;
  readonly written = new Map<number, Uint8Array>();
  readonly failures: string[] = [];
  nowMs = 0;
  isComplete = false;
  onWrite: () => Promise<void> = () => Promise.resolve();
  #count = 0;

  constructor(lengths: readonly number[], file: number, pieceLength?: number) {
    this.share = sampleShare(lengths, pieceLength);
    this.receiver = new Receiver({
      file: new FilePieces(this.share.metainfo, file),
      hash: (bytes) => Promise.resolve(sha256(bytes)),
      sink: {
        write: async (position, bytes) => {
          await this.onWrite();
          this.written.set(position, bytes.slice());
        },
      },
      clock: { now: () => this.nowMs },
      onVerified: () => undefined,
      onComplete: () => (this.isComplete = true),
      onFailed: ({ code }) => this.failures.push(code),
    });
  }

  /** Somebody with these pieces, all when absent, enters; what it hears at that is left out. */
  enter(has?: readonly number[]): Heard {
    const { pieceCount } = this.share.metainfo.layout;
    const messages: SwarmMessageBody[] = [];
    const bans: string[] = [];
    const link = {
      send: (message: SwarmMessageBody) => messages.push(message),
      ban: ({ code }: ShoalError) => {
        bans.push(code);
        this.receiver.left(sender);
      },
    };
    const id = String(this.#count++).padStart(64, '0') as PeerId;
    const sender: Sender = new Sender({ id, name: id, link, beginAt: 0, pieceCount });
    this.receiver.entered(sender);
    const bitfield = has === undefined ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
    for (const piece of has ?? []) bitfield.add(piece);
    this.receiver.heard(sender, { kind: 'bitfield', bits: bitfield.toBase64() });
    return { sender, take: () => messages.splice(0), bans };
  }

  offer({ sender }: Heard, ...pieces: readonly number[]): void {
    this.receiver.heard(sender, { kind: 'offer', pieces });
  }

  /** Sends a whole piece in blocks, as it should be or with one wrong bit. */
  send({ sender }: Heard, piece: number, spoil = false): void {
    const bytes = this.share.piece(piece);
    if (spoil) bytes[5]! ^= 1;
    for (const { begin, length } of this.share.metainfo.layout.blocksOf(piece)) {
      this.receiver.blockCame(sender, { channel: 0, piece, begin, bytes: bytes.subarray(begin, begin + length) });
    }
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.receiver.tick();
  }
}

/** The kinds of messages, in order. */
export const kinds = (messages: readonly SwarmMessageBody[]): string[] => messages.map(({ kind }) => kind);
/** What asks for a whole piece of one block. */
export const requested = (piece: number, length = 64 * KiB): SwarmMessageBody => ({
  kind: 'request',
  blocks: [[piece, 0, length]],
});
