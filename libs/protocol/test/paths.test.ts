import { describe, expect, it } from 'vitest';
import { LIMITS } from '../src/limits.ts';
import { parseMetainfo } from '../src/metainfo.ts';
import { refusePath, refusePaths, refuseSegment } from '../src/paths.ts';
import { expectError } from './expect-error.ts';
import { aTorrent } from './share-builder.ts';
import { NOTHING_MORE, readVectors, type VectorFile } from './vectors.ts';

const vectors = readVectors('paths', NOTHING_MORE, NOTHING_MORE);

function pathsOf(vector: VectorFile): string[][] {
  return JSON.parse(vector.text) as string[][];
}

function torrentWith(paths: readonly string[][]): string {
  return aTorrent({ files: paths.map((path) => ({ path, length: 1 })) });
}

describe('good vectors', () => {
  it.each(vectors.good)('accepts $file: $shows', (vector) => {
    const paths = pathsOf(vector);
    expect(refusePaths(paths)).toBeUndefined();
    expect(parseMetainfo(torrentWith(paths)).info.files.map(({ path }) => path)).toEqual(paths);
  });

  it.each(vectors.good)('accepts $file in any order', (vector) => {
    expect(refusePaths(pathsOf(vector).reverse())).toBeUndefined();
  });
});

describe('bad vectors', () => {
  it.each(vectors.bad)('refuses $file: $breaks', (vector) => {
    const paths = pathsOf(vector);
    expect(refusePaths(paths)).toBeTypeOf('string');
    expectError(vector.code, () => parseMetainfo(torrentWith(paths)));
  });

  it.each(vectors.bad)('refuses $file in any order and among harmless paths', (vector) => {
    expect(refusePaths([['harmless'], ...pathsOf(vector).reverse(), ['zzz', 'harmless']])).toBeTypeOf('string');
  });
});

describe('refuseSegment', () => {
  it.each([
    ['', 'a name is empty'],
    ['.', '"." is not a name'],
    ['..', '".." is not a name'],
    ['\ud800', 'a name is not valid Unicode'],
    ['a/b', 'a name has a slash, backslash, colon or control character'],
    ['a\u2069', 'a name has a character that reverses the direction of text'],
    ['a.', 'a name ends with a dot or a space'],
    ['NUL', 'a name is reserved on Windows'],
  ])('says of %j: %s', (segment, reason) => {
    expect(refuseSegment(segment)).toBe(reason);
  });

  it('refuses every control character', () => {
    const controls = [...Array(0x20).keys(), 0x7f, ...Array.from({ length: 0x20 }, (_, at) => 0x80 + at)];
    expect(controls.filter((code) => refuseSegment(`a${String.fromCharCode(code)}b`) === undefined)).toEqual([]);
  });

  it('refuses every numbered device of Windows, with any ending', () => {
    const devices = ['com', 'lpt'].flatMap((name) => Array.from('0123456789¹²³', (digit) => name + digit));
    const spellings = devices.flatMap((device) => [device, device.toUpperCase(), `${device}.txt`, `${device} .a.b`]);
    expect(spellings.filter((name) => refuseSegment(name) === undefined)).toEqual([]);
  });

  it('takes a name of 255 bytes and refuses one more, in any script', () => {
    expect(refuseSegment('a'.repeat(LIMITS.segmentBytes))).toBeUndefined();
    expect(refuseSegment('a'.repeat(LIMITS.segmentBytes + 1))).toContain('255 bytes');
    expect(refuseSegment('世'.repeat(LIMITS.segmentBytes / 3))).toBeUndefined();
    expect(refuseSegment(`${'世'.repeat(LIMITS.segmentBytes / 3)}a`)).toContain('255 bytes');
  });
});

describe('refusePath', () => {
  it('takes a path of 1,024 bytes and refuses one more', () => {
    const rest = ['b'.repeat(255), 'c'.repeat(255), 'd'.repeat(255)];
    expect(refusePath([...rest, 'a'.repeat(254), 'e'])).toBeUndefined();
    expect(refusePath([...rest, 'a'.repeat(255), 'e'])).toContain('1024 bytes');
  });

  it('takes a path of 100 names and refuses one more', () => {
    expect(refusePath(Array<string>(LIMITS.pathDepth).fill('a'))).toBeUndefined();
    expect(refusePath(Array<string>(LIMITS.pathDepth + 1).fill('a'))).toContain('100 names');
  });
});

describe('refusePaths', () => {
  it('names both paths that collide', () => {
    expect(refusePaths([['b'], ['A', 'x'], ['a', 'y']])).toBe(
      '"A/x" and "a/y" collide where case and spelling of accents do not count',
    );
  });

  it('finds one collision among many paths of 100 names', () => {
    const paths = Array.from({ length: 5_000 }, (_, at) => [String(at), ...Array<string>(99).fill('f')]);
    expect(refusePaths(paths)).toBeUndefined();
    expect(refusePaths([...paths, ['4999', ...Array<string>(50).fill('f'), 'F']])).toContain('collide');
  });
});
