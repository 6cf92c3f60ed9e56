import { pieceDeadlineMs } from '@shoal/protocol';
import type { Sender } from './sender.ts';

/** A whole piece that one sender promised us and of which everything is requested: it comes from its beginning on. */
export interface Claim {
  readonly piece: number;
  readonly sender: Sender;
  readonly sinceMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  receivedBytes: number;
}

/** What became of a block: `unexpected` is what nobody asked for. */
export type BlockVerdict = 'unexpected' | 'duplicate' | 'progress' | 'complete';

/** What was promised by whom. One piece has one claim, in the end game two; the first complete one wins. */
export class Claims {
  readonly #byPiece = new Map<number, Claim[]>();

  /** Bytes of memory that they take. */
  get bytes(): number {
    return this.all().reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  all(): Claim[] {
    return [...this.#byPiece.values()].flat();
  }

  of(piece: number): readonly Claim[] {
    return this.#byPiece.get(piece) ?? [];
  }

  ofSender(sender: Sender): Claim[] {
    return this.all().filter((claim) => claim.sender === sender);
  }

  add(piece: number, sender: Sender, length: number, nowMs: number): void {
    const claim = { piece, sender, sinceMs: nowMs, bytes: new Uint8Array(length), receivedBytes: 0 };
    this.#byPiece.set(piece, [...this.of(piece), claim]);
  }

  /** Gives up a claim; returns whether the piece has no other. */
  drop({ piece, sender }: Pick<Claim, 'piece' | 'sender'>): boolean {
    const others = this.of(piece).filter((claim) => claim.sender !== sender);
    if (others.length === 0) this.#byPiece.delete(piece);
    else this.#byPiece.set(piece, others);
    return others.length === 0;
  }

  /** Those whose sender has delivered next to nothing for as long as a piece may take. */
  late(nowMs: number): Claim[] {
    return this.all().filter(({ sinceMs, sender, bytes }) => {
      return nowMs - Math.max(sinceMs, sender.deliveredMs) > pieceDeadlineMs(bytes.length);
    });
  }
}

/** Takes in a block of a claim. */
export function takeBlock(claim: Claim, begin: number, block: Uint8Array): BlockVerdict {
  const end = begin + block.length;
  if (end <= claim.receivedBytes) return 'duplicate';
  if (begin !== claim.receivedBytes || end > claim.bytes.length) return 'unexpected';
  claim.bytes.set(block, begin);
  claim.receivedBytes = end;
  return end === claim.bytes.length ? 'complete' : 'progress';
}
