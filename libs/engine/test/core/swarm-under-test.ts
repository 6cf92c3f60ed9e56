import { Bitfield, PieceLayout, type Block, type InfoHash, type PeerId, type SwarmMessageBody } from '@shoal/protocol';
import type { Effect, SwarmEvent } from '../../src/core/events.ts';
import { ReceiveBudget } from '../../src/core/receive-budget.ts';
import { Swarm } from '../../src/core/swarm.ts';
import { UploadWindow } from '../../src/core/upload-window.ts';

const KIB = 1024;
export const PIECE_BYTES = 256 * KIB;
export const INFO_HASH = 'a'.repeat(64) as InfoHash;

/** The peer id of the n-th peer of a test. */
export function aPeerId(n: number): PeerId {
  return n.toString(16).padStart(64, '0') as PeerId;
}

/** Pieces as a list, or all, or none. */
export type Pieces = 'all' | readonly number[];

/** A bitfield with those pieces. */
export function aBitfield(size: number, pieces: Pieces = []): Bitfield {
  if (pieces === 'all') return Bitfield.full(size);
  const field = new Bitfield(size);
  for (const piece of pieces) field.add(piece);
  return field;
}

/** What a test says of its share; the rest is eight pieces of one block. */
export interface SwarmUnderTestOptions {
  readonly pieceCount?: number;
  readonly pieceBytes?: number;
  /** Bytes that the last piece is shorter by. */
  readonly shortBy?: number;
  readonly have?: Pieces;
  readonly budget?: ReceiveBudget;
}

/** A swarm, the world around it in a few words, and what it said to whom. */
export class SwarmUnderTest {
  readonly layout: PieceLayout;
  readonly have: Bitfield;
  readonly window = new UploadWindow();
  readonly budget: ReceiveBudget;
  readonly swarm: Swarm;
  nowMs = 1_000;

  constructor({ pieceCount = 8, pieceBytes = PIECE_BYTES, shortBy = 0, have, budget }: SwarmUnderTestOptions = {}) {
    this.layout = new PieceLayout(pieceBytes, [pieceCount * pieceBytes - shortBy]);
    this.have = aBitfield(pieceCount, have);
    this.budget = budget ?? new ReceiveBudget();
    const { layout, window } = this;
    this.swarm = new Swarm({
      infoHash: INFO_HASH,
      layout,
      have: this.have,
      window,
      budget: this.budget,
      chance: () => 0,
    });
  }

  handle(event: SwarmEvent): Effect[] {
    return this.swarm.handle(event, this.nowMs);
  }

  /** A peer says something. */
  hear(peerId: PeerId, message: SwarmMessageBody): Effect[] {
    return this.handle({ kind: 'message-received', peerId, message });
  }

  /** A peer joins and says what it has, and that it is interested unless it has everything. */
  join(peerId: PeerId, pieces: Pieces = []): Effect[] {
    const bits = aBitfield(this.layout.pieceCount, pieces);
    const effects = [
      ...this.handle({ kind: 'peer-joined', peerId }),
      ...this.hear(peerId, { kind: 'bitfield', bits: bits.toBase64() }),
    ];
    if (!bits.isFull) effects.push(...this.hear(peerId, { kind: 'interested' }));
    return effects;
  }

  /** A peer requests all blocks of a piece. */
  request(peerId: PeerId, ...pieces: number[]): Effect[] {
    const blocks = pieces.flatMap((piece) => this.blockList(piece));
    return this.hear(peerId, { kind: 'request', blocks });
  }

  /** A peer sends a block; all blocks of the piece unless one is named. */
  deliver(peerId: PeerId, piece: number, blocks: readonly Block[] = this.layout.blocksOf(piece)): Effect[] {
    return blocks.flatMap(({ begin, length }) =>
      this.handle({ kind: 'block-received', peerId, piece, begin, bytes: new Uint8Array(length) }),
    );
  }

  /** The hasher and the disk do their part for a piece that is whole. */
  store(peerId: PeerId, piece: number): Effect[] {
    return [
      ...this.handle({ kind: 'piece-hashed', peerId, piece, isGood: true, parts: [] }),
      ...this.handle({ kind: 'piece-stored', piece }),
    ];
  }

  /** Time passes, with its ticks. */
  wait(ms: number): Effect[] {
    const effects: Effect[] = [];
    for (let left = ms; left > 0; left -= 250) {
      this.nowMs += Math.min(250, left);
      effects.push(...this.handle({ kind: 'tick' }));
    }
    return effects;
  }

  /** The blocks of a piece as messages carry them. */
  blockList(piece: number): (readonly [number, number, number])[] {
    return this.layout.blocksOf(piece).map(({ begin, length }) => [piece, begin, length] as const);
  }
}

/** What was said to a peer, or to anybody. */
export function saidTo(effects: readonly Effect[], peerId?: PeerId): SwarmMessageBody[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send-message' && (peerId === undefined || effect.peerId === peerId) ? [effect.message] : [],
  );
}

/** The effects of one kind. */
export function effectsOf<K extends Effect['kind']>(
  effects: readonly Effect[],
  kind: K,
): Extract<Effect, { kind: K }>[] {
  return effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
}

/** Pairs of peer and piece that were offered. */
export function offersIn(effects: readonly Effect[]): { peerId: PeerId; piece: number }[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send-message' && effect.message.kind === 'offer'
      ? effect.message.pieces.map((piece) => ({ peerId: effect.peerId, piece }))
      : [],
  );
}
