import { describe, expect, it } from 'vitest';
import { base64Length } from '../src/base64.ts';
import { LIMITS, pieceDeadlineMs } from '../src/limits.ts';
import { encodePeerMessage, type PeerMessage } from '../src/peer-messages.ts';
import { asInfoHash } from '../src/ids.ts';

const MiB = 1024 * 1024;
const U32 = 0xffff_ffff;
const LAST_PIECE = LIMITS.pieces - 1;
const INFO_HASH = asInfoHash('f'.repeat(64))!;
const pieces = Array<number>(LIMITS.listEntries).fill(LAST_PIECE);
const blocks = Array<[number, number, number]>(LIMITS.listEntries).fill([LAST_PIECE, U32, U32]);

describe('limits', () => {
  it('are whole and positive', () => {
    expect(Object.entries(LIMITS).filter(([, value]) => !Number.isSafeInteger(value) || value <= 0)).toEqual([]);
  });

  it('let a peer that vanished be noticed within 65 s: at the third ping after it did', () => {
    expect(3 * LIMITS.pingMs).toBeLessThan(65_000);
  });

  it.each<[string, PeerMessage]>([
    ['offer', { kind: 'offer', channel: U32, pieces }],
    ['interested', { kind: 'interested', channel: U32, first: pieces }],
    ['expect', { kind: 'expect', channel: U32, add: pieces, drop: pieces }],
    ['request', { kind: 'request', channel: U32, blocks }],
    ['bitfield', { kind: 'bitfield', channel: U32, bits: 'A'.repeat(base64Length(LIMITS.pieces / 8)) }],
    [
      'peers',
      { kind: 'peers', channel: U32, peers: Array(LIMITS.handOutPeers).fill({ host: 'a'.repeat(255), port: 65_535 }) },
    ],
  ])('leave room for the longest %s in a control message', (_, message) => {
    expect(encodePeerMessage(message).length).toBeLessThanOrEqual(LIMITS.controlMessageBytes);
  });

  it('leave room for an announce of 1,000 swarms, in a session and over HTTP', () => {
    const left = LIMITS.pieces * LIMITS.maxPieceBytes;
    const swarms = Array(LIMITS.announceSwarms).fill({ infoHash: INFO_HASH, left });
    expect(JSON.stringify({ kind: 'announce', swarms }).length).toBeLessThanOrEqual(LIMITS.sessionMessageBytes);
    const body = { peerId: INFO_HASH, port: 65_535, host: 'a'.repeat(255), event: 'stopped', swarms };
    expect(JSON.stringify(body).length).toBeLessThanOrEqual(LIMITS.httpBodyBytes);
  });

  it('leave room for the digests of all pieces in a metainfo', () => {
    expect(base64Length(LIMITS.pieces * 32)).toBeLessThan(LIMITS.metainfoBytes);
  });

  it('let a request for a whole piece fit on a link', () => {
    expect(LIMITS.maxPieceBytes / LIMITS.blockBytes).toBeLessThanOrEqual(LIMITS.listEntries);
    expect(LIMITS.listEntries).toBeLessThanOrEqual(LIMITS.outstandingRequests);
  });
});

describe('pieceDeadlineMs', () => {
  it('is 20 s, or 4 s per MiB of the piece when that is more', () => {
    const deadlines = [1, 5 * MiB, 5 * MiB + 1, 16 * MiB].map(pieceDeadlineMs);
    expect(deadlines).toEqual([20_000, 20_000, 20_001, 64_000]);
  });
});
