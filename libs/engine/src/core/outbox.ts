import type { Block, PeerId, SwarmMessageBody } from '@shoal/protocol';
import { LIMITS } from '@shoal/protocol';
import type { Effect } from './events.ts';

type PieceListKind = 'offer' | 'have';
type BlockListKind = 'request' | 'cancel' | 'reject';

/**
 * Collects the effects of one event. Lists that go to the same peer are joined into one message, in the order in which
 * their first entries were noted, and cut at `LIMITS.listEntries`.
 */
export class Outbox {
  #effects: Effect[] = [];
  #lists = new Map<string, () => void>();
  readonly #pieces = new Map<string, number[]>();

  /** Notes one effect. */
  add(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** Notes a whole message. */
  send(peerId: PeerId, message: SwarmMessageBody): void {
    this.add({ kind: 'send-message', peerId, message });
  }

  /** Notes one piece for the peer's next `offer` or `have`. */
  sendPiece(peerId: PeerId, kind: PieceListKind, piece: number): void {
    this.#list(`${kind} ${peerId}`, piece, (pieces) => {
      this.send(peerId, { kind, pieces });
    });
  }

  /** Notes one refused piece. */
  decline(peerId: PeerId, piece: number, reason: 'have' | 'promised' | 'unwanted'): void {
    this.#list(`decline ${reason} ${peerId}`, piece, (pieces) => {
      this.send(peerId, { kind: 'decline', pieces, reason });
    });
  }

  /** Notes a promise to announce, or one to take back. */
  expect(peerId: PeerId, change: 'add' | 'drop', piece: number): void {
    this.#list(`expect ${change} ${peerId}`, piece, (pieces) => {
      const isAdded = change === 'add';
      this.send(peerId, { kind: 'expect', add: isAdded ? pieces : [], drop: isAdded ? [] : pieces });
    });
  }

  /** Sends blocks as a list, in messages of allowed size. */
  sendBlocks(peerId: PeerId, kind: BlockListKind, blocks: readonly Block[]): void {
    for (let at = 0; at < blocks.length; at += LIMITS.listEntries) {
      const part = blocks.slice(at, at + LIMITS.listEntries);
      this.send(peerId, { kind, blocks: part.map(({ piece, begin, length }) => [piece, begin, length] as const) });
    }
  }

  /** Hands over everything noted, and starts anew. */
  take(): Effect[] {
    for (const flush of this.#lists.values()) flush();
    this.#lists = new Map();
    this.#pieces.clear();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #list(key: string, piece: number, send: (pieces: readonly number[]) => void): void {
    const pieces = this.#pieces.get(key) ?? [];
    pieces.push(piece);
    if (pieces.length === LIMITS.listEntries) {
      send(pieces);
      this.#pieces.delete(key);
      this.#lists.delete(key);
      return;
    }
    this.#pieces.set(key, pieces);
    this.#lists.set(key, () => {
      send(pieces);
    });
  }
}
