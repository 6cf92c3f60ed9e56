import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { asInfoHash } from '../src/ids.ts';
import { LIMITS } from '../src/limits.ts';
import {
  asPageOrigin,
  formatShareLink,
  isShareLink,
  isTrackerUrl,
  normaliseTrackerUrl,
  parseShareLink,
} from '../src/share-link.ts';
import { expectError } from './expect-error.ts';
import { NOTHING_MORE, readVectors } from './vectors.ts';

const linkSchema = z.strictObject({
  infoHash: z.string(),
  name: z.string().optional(),
  tracker: z.string().optional(),
});
const vectors = readVectors('links', z.strictObject({ link: linkSchema }), NOTHING_MORE);
const INFO_HASH = asInfoHash('0123456789abcdef'.repeat(4))!;

describe('good vectors', () => {
  it.each(vectors.good)('reads $file: $shows', ({ text, link }) => {
    expect(parseShareLink(text)).toEqual(link);
  });
});

describe('bad vectors', () => {
  it.each(vectors.bad)('refuses $file: $breaks', ({ text, code }) => {
    expectError(code, () => parseShareLink(text));
  });
});

describe('links', () => {
  it('are read as they were written, whatever the name', () => {
    const names = fc.string({ unit: 'grapheme', maxLength: 60 });
    const trackers = fc.constantFrom('http://localhost:8000', 'https://tracker.example/shoal', 'http://[::1]:8000');
    const parts = fc.record({ name: names, tracker: trackers }, { requiredKeys: [] });
    fc.assert(
      fc.property(parts, (rest) => {
        const link = { infoHash: INFO_HASH, ...rest };
        expect(parseShareLink(formatShareLink(link))).toEqual(link);
      }),
    );
  });

  it('are known by their scheme', () => {
    expect([isShareLink('shoal:'), isShareLink('shoal'), isShareLink('a.torrent')]).toEqual([true, false, false]);
  });

  it('take 4,096 characters and no more', () => {
    const link = `shoal:${INFO_HASH}?name=`.padEnd(LIMITS.stringLength, 'x');
    expect(parseShareLink(link).name).toHaveLength(LIMITS.stringLength - 76);
    expectError('bad-link', () => parseShareLink(`${link}x`));
  });
});

describe('asPageOrigin', () => {
  it.each([
    ['https://shoal.example', 'https://shoal.example'],
    ['HTTP://Tracker:8000/', 'http://tracker:8000'],
    ['https://shoal.example:443', 'https://shoal.example'],
    ['http://[2001:DB8::1]:8000', 'http://[2001:db8::1]:8000'],
  ])('reads "%s" as browsers send it', (text, origin) => {
    expect(asPageOrigin(text)).toBe(origin);
  });

  it.each([
    '',
    'null',
    '*',
    'shoal.example',
    'https://x/page',
    'https://x?a',
    'https://a@x',
    'https://',
    'ws://x',
    ' http://x',
  ])('is no page origin: "%s"', (text) => {
    expect(asPageOrigin(text)).toBeUndefined();
  });
});

describe('normaliseTrackerUrl', () => {
  it.each([
    ['localhost:8000', 'http://localhost:8000'],
    ['LOCALHOST:8000', 'http://localhost:8000'],
    ['localhost', 'http://localhost'],
    ['http://localhost:8000/', 'http://localhost:8000'],
    ['HTTPS://Tracker.Example:443/a/', 'https://tracker.example/a'],
    ['192.0.2.7:8000', 'http://192.0.2.7:8000'],
    ['[::1]:8000', 'http://[::1]:8000'],
    ['http://bücher.example', 'http://xn--bcher-kva.example'],
  ])('writes %s as %s', (text, url) => {
    expect(normaliseTrackerUrl(text)).toBe(url);
    expect(normaliseTrackerUrl(url)).toBe(url);
    expect(isTrackerUrl(url)).toBe(true);
  });

  it.each([
    ...[
      '',
      ' ',
      'ftp://localhost',
      'shoal://localhost',
      'http://',
      'http:///a',
      'http:localhost',
      'javascript:alert(1)',
    ],
    ...['http://a:b@localhost', 'localhost:65536', 'localhost:port', ' localhost', 'local host', 'http://localhost?a'],
    ...['http://localhost#a', 'http://localhost\\@evil', 'file:///etc/passwd', '::1', 'http://a/b\nc'],
  ])('refuses %j', (text) => {
    expectError('bad-tracker-url', () => normaliseTrackerUrl(text));
  });

  it('takes 4,096 characters and no more', () => {
    const url = 'http://localhost/'.padEnd(LIMITS.stringLength, 'x');
    expect(normaliseTrackerUrl(url)).toBe(url);
    expectError('bad-tracker-url', () => normaliseTrackerUrl(`${url}x`));
  });
});
