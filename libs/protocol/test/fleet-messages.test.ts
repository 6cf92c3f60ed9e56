import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { base64Length } from '../src/base64.ts';
import { FLEET_MESSAGE_KINDS, parseFromFleet, parseFromPage } from '../src/fleet-messages.ts';
import { LIMITS } from '../src/limits.ts';
import { parseFromAgent, parseFromTracker } from '../src/tracker-messages.ts';
import { expectError } from './expect-error.ts';
import { messagesFromFleet, messagesFromPage } from './message-arbitraries.ts';
import { readVectors } from './vectors.ts';

const readers = { fromPage: parseFromPage, fromFleet: parseFromFleet };
const shape = z.strictObject({ of: z.enum(['fromPage', 'fromFleet']) });
const vectors = readVectors('fleet-messages', shape, shape);

describe('good vectors', () => {
  it.each(vectors.good)('reads $file: $shows', ({ text, of }) => {
    expect(readers[of](text)).toEqual(JSON.parse(text));
  });

  it('show every kind of message', () => {
    const kinds = (side: string): string[] =>
      vectors.good.filter(({ of }) => of === side).map(({ text }) => (JSON.parse(text) as { kind: string }).kind);
    expect(new Set(kinds('fromPage'))).toEqual(new Set(FLEET_MESSAGE_KINDS.fromPage));
    expect(new Set(kinds('fromFleet'))).toEqual(new Set(FLEET_MESSAGE_KINDS.fromFleet));
  });
});

describe('bad vectors', () => {
  it.each(vectors.bad)('refuses $file: $breaks', ({ text, of, code }) => {
    expectError(code, () => readers[of](text));
  });
});

describe('messages of the fleet', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(messagesFromPage, messagesFromFleet, (asked, told) => {
        expect(parseFromPage(JSON.stringify(asked))).toEqual(asked);
        expect(parseFromFleet(JSON.stringify(told))).toEqual(told);
      }),
    );
  });

  it('have at most 64 KiB from a page, and 4 MiB to it', () => {
    const asked = '{"kind":"look","view":{"at":"overview","query":""}}';
    const told = '{"kind":"missing"}';
    expect(parseFromPage(asked.padEnd(LIMITS.controlMessageBytes, ' ')).kind).toBe('look');
    expect(parseFromFleet(told.padEnd(LIMITS.fleetMessageBytes, ' ')).kind).toBe('missing');
    expectError('too-large', () => parseFromPage(asked.padEnd(LIMITS.controlMessageBytes + 1, ' ')));
    expectError('too-large', () => parseFromFleet(told.padEnd(LIMITS.fleetMessageBytes + 1, ' ')));
  });

  it('tell of 300 seconds, and no more', () => {
    const read = (length: number): unknown =>
      parseFromFleet(
        JSON.stringify({
          kind: 'overview',
          query: '',
          shares: [],
          hasMore: false,
          totals: { shares: 0, machines: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 },
          throughput: Array(length).fill(1),
        }),
      );
    expect(read(LIMITS.fleetSeconds)).toBeDefined();
    expectError('bad-message', () => read(LIMITS.fleetSeconds + 1));
  });
});

describe('what agents and trackers say for it', () => {
  const infoHash = 'a'.repeat(64);
  const stood = { infoHash, state: 'failed', left: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 };
  const report = (more: object): unknown =>
    parseFromAgent(JSON.stringify({ kind: 'report', swarms: [{ ...stood, ...more }] }));
  const hello = { kind: 'hello', version: 1, peerId: infoHash, port: 0, agent: 'test' };
  const welcome = { kind: 'welcome', version: 1, observedHost: 'localhost' };

  it.each<[string, number, (length: number) => unknown]>([
    ['what can be done about a problem', LIMITS.lastWordsLength, (length) => report({ problem: problemOf(0, length) })],
    ['pieces that came', LIMITS.listEntries, (length) => report({ pieces: { gained: Array(length).fill(0) } })],
    ['all pieces', base64Length(LIMITS.pieces / 8), (length) => report({ pieces: { bits: 'A'.repeat(length) } })],
    ['feeders', LIMITS.links, (length) => report({ feeders: Array(length).fill([infoHash, 1]) })],
    ['origins of pages', LIMITS.pageOrigins, (length) => origins(length)],
    ['shares that are looked at', LIMITS.fleetPages, (length) => watch(length)],
  ])('%s: so many, and no more', (_what, limit, read) => {
    expect(read(limit)).toBeDefined();
    expectError('bad-message', () => read(limit + 1));
  });

  it('the name of a machine may be so long, and no longer', () => {
    expect(named(LIMITS.machineNameLength)).toBeDefined();
    expectError('bad-message', () => named(LIMITS.machineNameLength + 1));
  });

  it('a problem may be so long, and no longer', () => {
    expect(report({ problem: problemOf(LIMITS.lastWordsLength, 0) })).toBeDefined();
    expectError('bad-message', () => report({ problem: problemOf(LIMITS.lastWordsLength + 1, 0) }));
  });

  function named(length: number): unknown {
    return parseFromAgent(JSON.stringify({ ...hello, name: 'x'.repeat(length) }));
  }
  function problemOf(messageLength: number, hintLength: number): object {
    return { code: 'internal', message: 'x'.repeat(messageLength), hint: 'x'.repeat(hintLength) };
  }
  function origins(length: number): unknown {
    return parseFromTracker(JSON.stringify({ ...welcome, pageOrigins: Array(length).fill('https://a.example') }));
  }
  function watch(length: number): unknown {
    return parseFromTracker(
      JSON.stringify({ kind: 'watch', isLookedAt: true, infoHashes: Array(length).fill(infoHash) }),
    );
  }
});
