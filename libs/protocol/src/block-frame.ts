import { ShoalError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Bytes of the header: channel, piece and begin, each an unsigned 32-bit big-endian number. */
export const BLOCK_HEADER_BYTES = 12;

/** One binary frame of a link: a block of a piece, on the sender's channel. */
export interface BlockFrame {
  readonly channel: number;
  readonly piece: number;
  readonly begin: number;
  /** A view into the received frame, never a copy. */
  readonly bytes: Uint8Array;
}

/** Writes the header; the payload follows it on the wire without being copied into one buffer. */
export function encodeBlockHeader(channel: number, piece: number, begin: number): Uint8Array {
  const header = new Uint8Array(BLOCK_HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, channel);
  view.setUint32(4, piece);
  view.setUint32(8, begin);
  return header;
}

/**
 * Reads a binary frame.
 * @throws ShoalError `protocol-violation` when it has no payload or more than `LIMITS.blockBytes`
 */
export function decodeBlockFrame(frame: Uint8Array): BlockFrame {
  const payload = frame.length - BLOCK_HEADER_BYTES;
  if (payload <= 0 || payload > LIMITS.blockBytes) {
    throw new ShoalError('protocol-violation', `reading a block frame of ${String(frame.length)} bytes`);
  }
  const view = new DataView(frame.buffer, frame.byteOffset, BLOCK_HEADER_BYTES);
  return {
    channel: view.getUint32(0),
    piece: view.getUint32(4),
    begin: view.getUint32(8),
    bytes: frame.subarray(BLOCK_HEADER_BYTES),
  };
}
