import { Bitfield, LIMITS, ShoalError, type Block, type PieceLayout, type SwarmMessageBody } from '@shoal/protocol';
import type { Downloads } from './downloads.ts';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';
import type { Uploads } from './uploads.ts';

/** The halves of a swarm that a peer's messages reach. */
export interface ConversationContext {
  readonly layout: PieceLayout;
  readonly uploads: Uploads;
  readonly downloads: Downloads;
  readonly outbox: Outbox;
}

type Kind = SwarmMessageBody['kind'];
type MessageOf<K extends Kind> = Extract<SwarmMessageBody, { kind: K }>;
/** What follows from a message: `offer` when it may have freed a piece or a place in the window. */
type Consequence = 'offer' | 'none';
type Listener<K extends Kind> = (
  context: ConversationContext,
  peer: Peer,
  message: MessageOf<K>,
  nowMs: number,
) => Consequence;

/**
 * Applies one message of a peer to the halves of its swarm, after checking that it keeps the rules.
 * @throws ShoalError `protocol-violation`, `bad-message`
 */
export function hear(context: ConversationContext, peer: Peer, message: SwarmMessageBody, nowMs: number): void {
  check(context.layout, peer, message);
  const listener = LISTENERS[message.kind] as Listener<Kind>;
  if (listener(context, peer, message, nowMs) === 'offer') context.uploads.offer(nowMs);
}

const LISTENERS: { readonly [K in Kind]: Listener<K> } = {
  bitfield: ({ layout }, peer, { bits }) => {
    peer.hasBitfield = true;
    for (const piece of Bitfield.fromBase64(bits, layout.pieceCount)) peer.gain(piece);
    return 'offer';
  },
  have: ({ uploads }, peer, { pieces }, nowMs) => {
    const before = peer.loadBytes;
    for (const piece of pieces) {
      peer.gain(piece);
      uploads.acknowledge(peer, piece, nowMs);
    }
    return peer.loadBytes === before ? 'none' : 'offer';
  },
  interested: (_context, peer, { first = [] }) => {
    peer.isInterested = true;
    peer.isStalled = false;
    peer.wantedFirst = first;
    return 'offer';
  },
  notInterested: (_context, peer) => {
    peer.isInterested = false;
    return 'none';
  },
  offer: ({ downloads }, peer, { pieces }, nowMs) => {
    downloads.offered(peer, pieces, nowMs);
    if (peer.heldOffers.size > LIMITS.outstandingRequests) throw violation('more offers than may be open');
    return 'none';
  },
  decline: ({ uploads }, peer, { pieces, reason }, nowMs) => {
    uploads.decline(peer, pieces, reason, nowMs);
    return 'offer';
  },
  request: ({ uploads }, peer, { blocks }, nowMs) => {
    uploads.request(peer, blocks.map(toBlock), nowMs);
    return 'none';
  },
  cancel: ({ uploads }, peer, { blocks }) => {
    uploads.cancel(peer, blocks.map(toBlock));
    return 'offer';
  },
  reject: ({ downloads }, peer, { blocks }) => {
    downloads.rejected(peer, blocks.map(toBlock));
    return 'none';
  },
  expect: ({ uploads }, peer, { add, drop }, nowMs) => {
    for (const piece of add) peer.promise(piece, nowMs);
    for (const piece of drop) uploads.lackedAgain(peer, piece);
    return drop.length > 0 ? 'offer' : 'none';
  },
  peers: ({ outbox }, _peer, { peers }) => {
    outbox.add({ kind: 'learn-peers', peers });
    return 'none';
  },
  'metainfo?': ({ outbox }, peer) => {
    if (!peer.hasMetainfo) outbox.add({ kind: 'send-metainfo', peerId: peer.id });
    peer.hasMetainfo = true;
    return 'none';
  },
  metainfo: () => {
    throw violation('a metainfo that nobody asked for');
  },
};

function check(layout: PieceLayout, peer: Peer, message: SwarmMessageBody): void {
  if (message.kind === 'metainfo?') return;
  if ((message.kind === 'bitfield') === peer.hasBitfield) {
    throw violation(peer.hasBitfield ? 'a second bitfield' : `"${message.kind}" before its bitfield`);
  }
  for (const piece of piecesIn(message)) {
    if (piece >= layout.pieceCount) throw violation(`piece ${String(piece)} of ${String(layout.pieceCount)}`);
  }
}

function piecesIn(message: SwarmMessageBody): readonly number[] {
  if ('pieces' in message) return message.pieces;
  if ('blocks' in message) return message.blocks.map(([piece]) => piece);
  if (message.kind === 'interested') return message.first ?? [];
  if (message.kind === 'expect') return [...message.add, ...message.drop];
  return [];
}

function toBlock([piece, begin, length]: readonly [number, number, number]): Block {
  return { piece, begin, length };
}

function violation(what: string): ShoalError {
  return new ShoalError('protocol-violation', `the peer sent ${what}`);
}
