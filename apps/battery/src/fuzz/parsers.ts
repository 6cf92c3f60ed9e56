/**
 * The four parsers that read what strangers, and disks, write. Each takes any bytes, refuses them with a ShoalError of the
 * catalogue, or accepts them: then what it read, written again, reads the same.
 */
import { deepStrictEqual } from 'node:assert';
import {
  announceReplySchema,
  announceRequestSchema,
  asInfoHash,
  Bitfield,
  decodeBlockFrame,
  encodeBlockHeader,
  encodeMetainfo,
  encodePeerMessage,
  LIMITS,
  parseFromAgent,
  parseFromFleet,
  parseFromPage,
  parseFromTracker,
  parseJson,
  parseMetainfo,
  parsePeerMessage,
  ShoalError,
  type JsonBoundary,
} from '@shoal/protocol';
import { encodeHaveMap, parseHaveMap } from '@shoal/engine/node';

/** The share of which the have-maps of the corpus are. */
const INFO_HASH = asInfoHash('54fd2dd4b69c3ad88de48acf049baf17011c04efa81383d964f157270510a454');
const PIECE_COUNT = 20;

export type ParserName = 'metainfo' | 'peer-frame' | 'tracker-message' | 'have-map';

/**
 * Reads bytes with one parser, and with each of its kinds of message.
 * @returns how many kinds accepted them
 * @throws whatever must not be: an error that is no ShoalError, or an AssertionError when it reads differently again
 */
export type Reading = (bytes: Uint8Array) => number;

export const PARSERS: Readonly<Record<ParserName, Reading>> = {
  metainfo: (bytes) =>
    accepted(
      () => parseMetainfo(bytes),
      (metainfo) => {
        const again = parseMetainfo(encodeMetainfo(metainfo));
        deepStrictEqual(again.document, metainfo.document);
        deepStrictEqual(again.infoHash, metainfo.infoHash);
      },
    ),
  'peer-frame': (bytes) =>
    accepted(
      () => decodeBlockFrame(bytes),
      ({ channel, piece, begin, bytes: block }) => {
        deepStrictEqual(Buffer.concat([encodeBlockHeader(channel, piece, begin), block]), Buffer.from(bytes));
      },
    ) +
    accepted(
      () => parsePeerMessage(textOf(bytes)),
      (message) => {
        deepStrictEqual(parsePeerMessage(encodePeerMessage(message)), message);
      },
    ),
  'tracker-message': (bytes) =>
    readJson(bytes, parseFromAgent) +
    readJson(bytes, parseFromTracker) +
    readJson(bytes, parseFromPage) +
    readJson(bytes, parseFromFleet) +
    readJson(bytes, (text) => parseJson(text, { ...ANNOUNCE, schema: announceRequestSchema })) +
    readJson(bytes, (text) => parseJson(text, { ...ANNOUNCE, schema: announceReplySchema })),
  'have-map': (bytes) => {
    if (INFO_HASH === undefined) throw new Error('invariant: it is an info hash');
    const map = parseHaveMap(textOf(bytes), INFO_HASH, PIECE_COUNT);
    if (map === undefined) return 0;
    deepStrictEqual(map.pieces instanceof Bitfield, true);
    deepStrictEqual(encodeHaveMap(INFO_HASH, map), textOf(bytes));
    return 1;
  },
};

const ANNOUNCE: Omit<JsonBoundary<never>, 'schema'> = {
  what: 'the announce',
  maxBytes: LIMITS.httpBodyBytes,
  code: 'bad-message',
};

function readJson(bytes: Uint8Array, parse: (text: string) => unknown): number {
  return accepted(
    () => parse(textOf(bytes)),
    (value) => {
      deepStrictEqual(parse(JSON.stringify(value)), value);
    },
  );
}

function accepted<T>(read: () => T, check: (value: T) => void): number {
  let value: T;
  try {
    value = read();
  } catch (error) {
    if (error instanceof ShoalError) return 0;
    throw error;
  }
  check(value);
  return 1;
}

/** As text frames and files come: what is no UTF-8 becomes replacement characters. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
