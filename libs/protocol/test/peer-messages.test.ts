import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { parseMetainfo } from '../src/metainfo.ts';
import { encodePeerMessage, parsePeerMessage, PEER_MESSAGE_KINDS } from '../src/peer-messages.ts';
import { expectError } from './expect-error.ts';
import { peerMessages } from './message-arbitraries.ts';
import { NOTHING_MORE, readVectors } from './vectors.ts';

const vectors = readVectors('peer-messages', NOTHING_MORE, NOTHING_MORE);

describe('good vectors', () => {
  it.each(vectors.good)('reads $file, $shows, and writes it alike', ({ text }) => {
    const message = parsePeerMessage(text);
    expect(message).toEqual(JSON.parse(text));
    expect(encodePeerMessage(message)).toBe(text);
  });

  it('show every kind', () => {
    const shown = new Set(vectors.good.map(({ text }) => parsePeerMessage(text).kind));
    expect([...shown].sort()).toEqual([...PEER_MESSAGE_KINDS].sort());
  });
});

describe('bad vectors', () => {
  it.each(vectors.bad)('refuses $file: $breaks', ({ text, code }) => {
    expectError(code, () => parsePeerMessage(text));
  });
});

describe('messages', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(peerMessages, (message) => {
        expect(parsePeerMessage(encodePeerMessage(message))).toEqual(message);
      }),
    );
  });

  it('have kinds of their own', () => {
    expect(new Set(PEER_MESSAGE_KINDS).size).toBe(PEER_MESSAGE_KINDS.length);
  });
});

describe('lists', () => {
  const list = (count: number): number[] => Array.from({ length: count }, (_, at) => at);
  const { listEntries } = LIMITS;

  it.each([
    ['have', (n: number) => ({ kind: 'have', channel: 0, pieces: list(n) }), listEntries],
    ['interested', (n: number) => ({ kind: 'interested', channel: 0, first: list(n) }), listEntries],
    ['offer', (n: number) => ({ kind: 'offer', channel: 0, pieces: list(n) }), listEntries],
    ['decline', (n: number) => ({ kind: 'decline', channel: 0, pieces: list(n), reason: 'have' }), listEntries],
    ['expect.add', (n: number) => ({ kind: 'expect', channel: 0, add: list(n), drop: [] }), listEntries],
    ['expect.drop', (n: number) => ({ kind: 'expect', channel: 0, add: [], drop: list(n) }), listEntries],
    ['request', (n: number) => ({ kind: 'request', channel: 0, blocks: list(n).map((at) => [at, 0, 1]) }), listEntries],
    ['cancel', (n: number) => ({ kind: 'cancel', channel: 0, blocks: list(n).map((at) => [at, 0, 1]) }), listEntries],
    ['reject', (n: number) => ({ kind: 'reject', channel: 0, blocks: list(n).map((at) => [at, 0, 1]) }), listEntries],
    [
      'peers',
      (n: number) => ({ kind: 'peers', channel: 0, peers: list(n).map((at) => ({ host: 'a', port: at + 1 })) }),
      LIMITS.handOutPeers,
    ],
    [
      'found',
      (n: number) => ({
        kind: 'found',
        id: 0,
        shares: list(n).map(() => ({ infoHash: 'a'.repeat(64), name: 'a', length: 1, files: [] })),
      }),
      LIMITS.searchPage,
    ],
  ])('of %s hold as many entries as the limit allows, and no more', (_, make, limit) => {
    expect(parsePeerMessage(JSON.stringify(make(limit)))).toEqual(make(limit));
    expectError('bad-message', () => parsePeerMessage(JSON.stringify(make(limit + 1))));
  });
});

describe('values', () => {
  it('of pieces end at 131,071', () => {
    const have = (piece: number): string => JSON.stringify({ kind: 'have', channel: 0, pieces: [piece] });
    expect(parsePeerMessage(have(LIMITS.pieces - 1))).toMatchObject({ pieces: [LIMITS.pieces - 1] });
    expectError('bad-message', () => parsePeerMessage(have(LIMITS.pieces)));
  });

  it('of queries have from 1 to 256 characters', () => {
    const search = (length: number): string => JSON.stringify({ kind: 'search', id: 0, query: 'é'.repeat(length) });
    expect(parsePeerMessage(search(LIMITS.queryLength))).toMatchObject({ query: 'é'.repeat(LIMITS.queryLength) });
    expectError('bad-message', () => parsePeerMessage(search(LIMITS.queryLength + 1)));
    expectError('bad-message', () => parsePeerMessage(search(0)));
  });
});

describe('size', () => {
  it('of a control message is at most 64 KiB', () => {
    const message = '{"kind":"leave","channel":1}'.padEnd(LIMITS.controlMessageBytes, ' ');
    expect(parsePeerMessage(message)).toEqual({ kind: 'leave', channel: 1 });
    expectError('too-large', () => parsePeerMessage(`${message} `));
  });

  it.each(['{"kind":"metainfo","channel":1,"document":""}', ' {\n "kind" : "metainfo" , "channel":1,"document":""}'])(
    'of a metainfo is at most 15 MiB, if its kind comes first: %s',
    (text) => {
      const message = text.padEnd(LIMITS.largeMessageBytes, ' ');
      expect(parsePeerMessage(message)).toEqual({ kind: 'metainfo', channel: 1, document: '' });
      expectError('too-large', () => parsePeerMessage(`${message} `));
    },
  );

  it('is that of a control message for a metainfo whose kind comes later', () => {
    const message = '{"channel":1,"kind":"metainfo","document":""}';
    expect(parsePeerMessage(message).kind).toBe('metainfo');
    expectError('too-large', () => parsePeerMessage(message.padEnd(LIMITS.controlMessageBytes + 1, ' ')));
  });

  it('is that of a control message for another kind that holds a metainfo', () => {
    const message = `{"kind":"leave","channel":1,"x":{"kind":"metainfo","document":"${'x'.repeat(LIMITS.controlMessageBytes)}"}}`;
    expectError('too-large', () => parsePeerMessage(message));
  });

  it('of the document in a metainfo message is left to who reads the document', () => {
    const document = 'x'.repeat(LIMITS.metainfoBytes + 1);
    const message = parsePeerMessage(encodePeerMessage({ kind: 'metainfo', channel: 1, document }));
    if (message.kind !== 'metainfo') throw new Error('another message');
    expectError('too-large', () => parseMetainfo(message.document));
  });

  it('of another kind gains nothing by claiming to be a metainfo as well', () => {
    const pieces = Array(1_000_000).fill('"x"').join(',');
    expectError('bad-json', () =>
      parsePeerMessage(`{"kind":"metainfo","kind":"have","channel":1,"pieces":[${pieces}]}`),
    );
  });
});
