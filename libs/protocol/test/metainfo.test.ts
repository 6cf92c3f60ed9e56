import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { asInfoHash } from '../src/ids.ts';
import { LIMITS } from '../src/limits.ts';
import { createMetainfo, encodeMetainfo, parseMetainfo, type NewShare } from '../src/metainfo.ts';
import { refuseSegment } from '../src/paths.ts';
import { expectError } from './expect-error.ts';
import { aDocument, ANY_SHA256, aTorrent } from './share-builder.ts';
import { readVectors } from './vectors.ts';

const vectors = readVectors(
  'metainfo',
  z.strictObject({ infoHash: z.string(), pieceCount: z.number(), isSingleFile: z.boolean() }),
  z.strictObject({ expected: z.string().optional() }),
);

/** Names of three characters that are safe side by side: what it takes to have 100,000 files in 10 MiB. */
function* shortNames(): Generator<string> {
  const letters = Array.from('bcdefghijkmoqrstvwxyz0123456789_-!@#$%^&()+=[]{},;~');
  for (const a of letters) for (const b of letters) for (const c of letters) yield a + b + c;
}

function filesOf(count: number): { path: string[]; length: number }[] {
  const names = shortNames();
  return Array.from({ length: count }, () => ({ path: [String(names.next().value)], length: 1 }));
}

const newShare: NewShare = {
  announce: 'http://localhost:8000',
  name: 'photos',
  pieceLength: 262_144,
  files: [
    { path: ['2026', 'a.jpg'], length: 262_144, sha256: ANY_SHA256 },
    { path: ['empty'], length: 0, sha256: ANY_SHA256 },
    { path: ['notes.txt'], length: 31, sha256: ANY_SHA256 },
  ],
  digests: Uint8Array.from({ length: 64 }, (_, at) => at),
};

describe('good vectors', () => {
  it.each(vectors.good)('accepts $file: $shows', ({ bytes, infoHash, pieceCount, isSingleFile }) => {
    const metainfo = parseMetainfo(bytes);
    expect(metainfo.infoHash).toBe(infoHash);
    expect(metainfo.layout.pieceCount).toBe(pieceCount);
    expect(metainfo.isSingleFile).toBe(isSingleFile);
    expect(parseMetainfo(encodeMetainfo(metainfo)).document).toEqual(metainfo.document);
    expect(parseMetainfo(bytes, 'the same', metainfo.infoHash).infoHash).toBe(infoHash);
  });
});

describe('bad vectors', () => {
  it.each(vectors.bad)('refuses $file: $breaks', ({ bytes, code, expected }) => {
    expectError(code, () => parseMetainfo(bytes, 'the vector', asInfoHash(expected ?? '')));
  });
});

describe('parseMetainfo', () => {
  it('reads text like bytes', () => {
    const text = aTorrent();
    expect(parseMetainfo(text).infoHash).toBe(parseMetainfo(new TextEncoder().encode(text)).infoHash);
  });

  it('names what was being read, and where it is wrong', () => {
    const text = aTorrent().replace('"length":14', '"length":"14"');
    const { message } = expectError('bad-metainfo', () => parseMetainfo(text, 'photos.torrent'));
    expect(message).toContain('reading photos.torrent');
    expect(message).toContain('info.length');
  });

  it.each(['-1', '0.5', '"14"', '9007199254740992', '1e999'])(
    'refuses a size that cannot be counted before it counts with it: %s',
    (size) => {
      const text = aTorrent().replaceAll('"length":14', `"length":${size}`);
      expect(expectError('bad-metainfo', () => parseMetainfo(text)).message).toContain(' at info.');
    },
  );

  it('hands out the digest of each piece', () => {
    const metainfo = createMetainfo(newShare);
    expect([...metainfo.digestOf(0)]).toEqual([...newShare.digests.subarray(0, 32)]);
    expect([...metainfo.digestOf(1)]).toEqual([...newShare.digests.subarray(32)]);
  });

  it('hashes the canonical form, with keys in order and no white space', () => {
    const { info } = aDocument({ name: 'Ünï "x"' });
    const file = `{"length":14,"path":["Ünï \\"x\\""],"sha256":"${ANY_SHA256}"}`;
    const canonical = `{"files":[${file}],"length":14,"name":"Ünï \\"x\\"","pieceLength":262144,"pieces":"${info.pieces}","version":1}`;
    const expected = createHash('sha256').update(canonical).digest('hex');
    expect(parseMetainfo(aTorrent({ name: 'Ünï "x"' })).infoHash).toBe(expected);
  });

  it('hashes what another implementation of the canonical form writes, whatever the names', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 9 }).filter((text) => !refuseSegment(text));
    fc.assert(
      fc.property(name, fc.integer({ min: 1, max: 10 ** 9 }), (safe, length) => {
        const document = aDocument({ name: safe, files: [{ path: [safe, safe], length }] });
        const expected = createHash('sha256')
          .update(String(canonicalize(document.info)))
          .digest('hex');
        expect(parseMetainfo(JSON.stringify(document)).infoHash).toBe(expected);
      }),
    );
  });
});

describe('limits', () => {
  it('takes a document of 10 MiB and refuses one byte more', () => {
    const padded = aTorrent().padEnd(LIMITS.metainfoBytes, ' ');
    expect(parseMetainfo(padded).info.length).toBe(14);
    expectError('too-large', () => parseMetainfo(`${padded} `));
    expectError('too-large', () => parseMetainfo(new TextEncoder().encode(`${padded} `)));
  });

  it('takes 100,000 files and refuses one more', () => {
    expect(parseMetainfo(aTorrent({ files: filesOf(LIMITS.files) })).info.files).toHaveLength(LIMITS.files);
    expectError('bad-metainfo', () => parseMetainfo(aTorrent({ files: filesOf(LIMITS.files + 1) })));
  });

  it.each([LIMITS.minPieceBytes, LIMITS.maxPieceBytes])(
    'takes 131,072 pieces of %i bytes and refuses one more',
    (pieceLength) => {
      const length = LIMITS.pieces * pieceLength;
      const share = (bytes: number): string => aTorrent({ pieceLength, files: [{ path: ['share'], length: bytes }] });
      expect(parseMetainfo(share(length)).layout.pieceCount).toBe(LIMITS.pieces);
      expectError('bad-metainfo', () => parseMetainfo(share(length + 1)));
    },
  );

  it('takes pieces from 64 KiB to 16 MiB in powers of two', () => {
    for (let pieceLength = LIMITS.minPieceBytes; pieceLength <= LIMITS.maxPieceBytes; pieceLength *= 2) {
      expect(parseMetainfo(aTorrent({ pieceLength })).info.pieceLength).toBe(pieceLength);
      for (const near of [pieceLength - 1, pieceLength + 1]) {
        expectError('bad-metainfo', () => parseMetainfo(aTorrent({ pieceLength: near })));
      }
    }
    expectError('bad-metainfo', () => parseMetainfo(aTorrent({ pieceLength: LIMITS.minPieceBytes / 2 })));
    expectError('bad-metainfo', () => parseMetainfo(aTorrent({ pieceLength: LIMITS.maxPieceBytes * 2 })));
  });

  it('takes texts of 4,096 characters and refuses one more', () => {
    const document = aDocument();
    const withComment = (length: number): string => JSON.stringify({ ...document, comment: 'x'.repeat(length) });
    expect(parseMetainfo(withComment(LIMITS.stringLength)).document.comment).toHaveLength(LIMITS.stringLength);
    expectError('bad-metainfo', () => parseMetainfo(withComment(LIMITS.stringLength + 1)));
  });

  it('refuses millions of wrong names in bounded time and memory', () => {
    const path = `{"path":[${'1,'.repeat(99)}1]}`;
    const text = aTorrent().replace(/"files":\[.*?\}\]/, `"files":[${Array(40_000).fill(path).join(',')}]`);
    const before = process.memoryUsage().heapUsed;
    expectError('bad-metainfo', () => parseMetainfo(text));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(400 * 1024 * 1024);
  });
});

describe('createMetainfo', () => {
  it('makes what others accept', () => {
    const metainfo = createMetainfo({ ...newShare, createdBy: 'shoal/0.1.0', createdAt: '2026-11-22T05:48:00Z' });
    expect(metainfo.info.length).toBe(262_175);
    expect(metainfo.document.createdBy).toBe('shoal/0.1.0');
    expect(parseMetainfo(encodeMetainfo(metainfo)).infoHash).toBe(metainfo.infoHash);
  });

  it.each([
    ['empty-share', { files: [], digests: new Uint8Array(0) }],
    ['empty-share', { files: [{ path: ['a'], length: 0, sha256: ANY_SHA256 }], digests: new Uint8Array(0) }],
    ['unsafe-path', { name: 'a:b' }],
    ['unsafe-path', { files: newShare.files.map((file) => ({ ...file, path: ['same'] })) }],
    ['bad-metainfo', { announce: 'localhost:8000' }],
    ['bad-metainfo', { digests: new Uint8Array(32) }],
    ['bad-metainfo', { comment: 'x'.repeat(LIMITS.stringLength + 1) }],
    ['bad-metainfo', { createdAt: 'today' }],
    ['bad-metainfo', { pieceLength: 1 }],
    ['bad-metainfo', { files: newShare.files.map((file) => ({ ...file, sha256: 'A'.repeat(64) })) }],
  ] as const)('refuses with %s what others would refuse', (code, change) => {
    expectError(code, () => createMetainfo({ ...newShare, ...change }));
  });

  it('refuses a share that nobody could read the metainfo of', () => {
    const folder = 'x'.repeat(LIMITS.segmentBytes);
    const files = filesOf(50_000).map(({ path, length }) => ({ path: [folder, ...path], length, sha256: ANY_SHA256 }));
    expectError('too-large', () => createMetainfo({ ...newShare, files, digests: new Uint8Array(32) }));
  });
});

describe('encodeMetainfo', () => {
  it('writes lines for people, with a final new line', () => {
    const text = encodeMetainfo(createMetainfo(newShare));
    expect(text).toMatch(/^\{\n {2}"announce": "http:\/\/localhost:8000",\n[^]*\n\}\n$/);
  });

  it('writes one line when only so the document keeps to the limit', () => {
    const metainfo = parseMetainfo(aTorrent({ files: filesOf(LIMITS.files) }));
    const text = encodeMetainfo(metainfo);
    expect(text.length).toBeLessThanOrEqual(LIMITS.metainfoBytes);
    expect(parseMetainfo(text).infoHash).toBe(metainfo.infoHash);
  });
});
