import { encodePeerMessage, type SwarmMessageBody } from '@shoal/protocol';

type PieceList = 'have' | 'offer';
const CHANNEL = 0;
const EMPTY: Readonly<Record<PieceList, number>> = { have: sizeOfEmpty('have'), offer: sizeOfEmpty('offer') };
const EMPTY_EXPECT = encodePeerMessage({ kind: 'expect', channel: CHANNEL, add: [], drop: [] }).length;

/** How many bytes a message of a swarm's first channel has on the wire, without encoding those of which there are most. */
export function sizeOfMessage(message: SwarmMessageBody): number {
  if (message.kind === 'have' || message.kind === 'offer') return EMPTY[message.kind] + sizeOfList(message.pieces);
  if (message.kind === 'expect') return EMPTY_EXPECT + sizeOfList(message.add) + sizeOfList(message.drop);
  return encodePeerMessage({ channel: CHANNEL, ...message }).length;
}

function sizeOfEmpty(kind: PieceList): number {
  return encodePeerMessage({ kind, channel: CHANNEL, pieces: [] }).length;
}

/** The numbers and the commas between them. */
function sizeOfList(pieces: readonly number[]): number {
  let size = Math.max(0, pieces.length - 1);
  for (const piece of pieces) size += digits(piece);
  return size;
}

function digits(piece: number): number {
  let count = 1;
  for (let rest = piece; rest >= 10; rest /= 10) count++;
  return count;
}
