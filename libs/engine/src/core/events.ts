/**
 * Everything that can happen to a swarm, and everything that a swarm can want done: the table of contents of the engine.
 * The shell turns ports' calls into events and performs effects; the simulator does the same in virtual time.
 */
import type { Block, ErrorCode, PeerAddress, PeerId, ShoalError, SwarmMessageBody } from '@shoal/protocol';

/** What happened. Bytes are passed by reference and never copied. */
export type SwarmEvent =
  /** Both sides of a link have joined this swarm. */
  | { readonly kind: 'peer-joined'; readonly peerId: PeerId }
  /** The peer left the swarm, or its link closed. */
  | { readonly kind: 'peer-left'; readonly peerId: PeerId }
  | { readonly kind: 'message-received'; readonly peerId: PeerId; readonly message: SwarmMessageBody }
  | {
      readonly kind: 'block-received';
      readonly peerId: PeerId;
      readonly piece: number;
      readonly begin: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'block-sent'; readonly peerId: PeerId; readonly block: Block }
  | {
      readonly kind: 'piece-hashed';
      readonly peerId: PeerId;
      readonly piece: number;
      readonly isGood: boolean;
      readonly parts: readonly Uint8Array[];
    }
  | { readonly kind: 'piece-stored'; readonly piece: number }
  /** Writing a piece failed: the piece is lacking again. */
  | { readonly kind: 'piece-not-stored'; readonly piece: number; readonly error: ShoalError }
  /** All files are checked and have their final names. */
  | { readonly kind: 'finished' }
  /** Reading or finishing failed for good. */
  | { readonly kind: 'store-failed'; readonly error: ShoalError }
  /** Another swarm made room in the window or the receive budget. */
  | { readonly kind: 'room-made' }
  /** Time passed; sent every `TICK_MS` while the swarm has peers. */
  | { readonly kind: 'tick' };

/** What the swarm wants done. */
export type Effect =
  | { readonly kind: 'send-message'; readonly peerId: PeerId; readonly message: SwarmMessageBody }
  | { readonly kind: 'send-block'; readonly peerId: PeerId; readonly block: Block }
  /** Forget the blocks of this piece that are queued and not yet sent. */
  | { readonly kind: 'unsend-piece'; readonly peerId: PeerId; readonly piece: number }
  | {
      readonly kind: 'hash-piece';
      readonly peerId: PeerId;
      readonly piece: number;
      readonly parts: readonly Uint8Array[];
    }
  | { readonly kind: 'store-piece'; readonly piece: number; readonly parts: readonly Uint8Array[] }
  /** Every piece is stored: check the files and name them. */
  | { readonly kind: 'finish' }
  | { readonly kind: 'ban-peer'; readonly peerId: PeerId; readonly code: ErrorCode; readonly message: string }
  /** A peer told us of others. */
  | { readonly kind: 'learn-peers'; readonly peers: readonly PeerAddress[] }
  | { readonly kind: 'send-metainfo'; readonly peerId: PeerId }
  /** The share cannot be served any more: leave the swarm. */
  | { readonly kind: 'withdraw'; readonly error: ShoalError };

/** How often a swarm with peers is told that time passes, in milliseconds: what deadlines and limits are rounded to. */
export const TICK_MS = 250;
