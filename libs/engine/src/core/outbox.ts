import type { Block, PeerId, SwarmMessageBody } from '@shoal/protocol';
import { LIMITS } from '@shoal/protocol';
import type { Effect } from './events.ts';

type PieceListKind = 'offer' | 'have';
type BlockListKind = 'request' | 'cancel' | 'reject';
type Refusal = 'have' | 'promised' | 'unwanted';
/** What a list of pieces says of them. */
type Saying = PieceListKind | `decline ${Refusal}` | `expect ${'add' | 'drop'}`;

/** Pieces of which the same is said to the same peer. */
interface List {
  readonly peerId: PeerId;
  readonly saying: Saying;
  readonly pieces: number[];
}

const MESSAGES: Readonly<Record<Saying, (pieces: readonly number[]) => SwarmMessageBody>> = {
  offer: (pieces) => ({ kind: 'offer', pieces }),
  have: (pieces) => ({ kind: 'have', pieces }),
  'decline have': (pieces) => ({ kind: 'decline', pieces, reason: 'have' }),
  'decline promised': (pieces) => ({ kind: 'decline', pieces, reason: 'promised' }),
  'decline unwanted': (pieces) => ({ kind: 'decline', pieces, reason: 'unwanted' }),
  'expect add': (add) => ({ kind: 'expect', add, drop: [] }),
  'expect drop': (drop) => ({ kind: 'expect', add: [], drop }),
};

/**
 * Collects the effects of one event. Lists that go to the same peer are joined into one message, in the order in which
 * their first entries were noted, and cut at `LIMITS.listEntries`.
 */
export class Outbox {
  #effects: Effect[] = [];
  /** Open lists in the order in which they were begun, and the same by peer: of one peer there are few. */
  readonly #lists = new Set<List>();
  readonly #listsOf = new Map<PeerId, List[]>();

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
    this.#say(peerId, kind, piece);
  }

  /** Notes one refused piece. */
  decline(peerId: PeerId, piece: number, reason: Refusal): void {
    this.#say(peerId, `decline ${reason}`, piece);
  }

  /** Notes a promise to announce, or one to take back. */
  expect(peerId: PeerId, change: 'add' | 'drop', piece: number): void {
    this.#say(peerId, `expect ${change}`, piece);
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
    if (this.#lists.size > 0) {
      for (const list of this.#lists) this.#sendList(list);
      this.#lists.clear();
      this.#listsOf.clear();
    }
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #say(peerId: PeerId, saying: Saying, piece: number): void {
    const open = this.#listsOf.get(peerId)?.find((list) => list.saying === saying);
    const list = open ?? this.#begin(peerId, saying);
    list.pieces.push(piece);
    if (list.pieces.length < LIMITS.listEntries) return;
    this.#sendList(list);
    this.#lists.delete(list);
    this.#listsOf.set(peerId, this.#listsOf.get(peerId)?.filter((other) => other !== list) ?? []);
  }

  #begin(peerId: PeerId, saying: Saying): List {
    const list: List = { peerId, saying, pieces: [] };
    this.#lists.add(list);
    const ofPeer = this.#listsOf.get(peerId);
    if (ofPeer === undefined) this.#listsOf.set(peerId, [list]);
    else ofPeer.push(list);
    return list;
  }

  #sendList({ peerId, saying, pieces }: List): void {
    this.send(peerId, MESSAGES[saying](pieces));
  }
}
