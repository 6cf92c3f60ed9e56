import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseJson } from '../src/json.ts';
import { LIMITS } from '../src/limits.ts';
import { problemSchema } from '../src/problem.ts';
import {
  announceReplySchema,
  announceRequestSchema,
  parseFromAgent,
  parseFromTracker,
  registerReplySchema,
  searchReplySchema,
  SESSION_MESSAGE_KINDS,
  swarmReplySchema,
} from '../src/tracker-messages.ts';
import { expectError } from './expect-error.ts';
import { messagesFromAgent, messagesFromTracker } from './message-arbitraries.ts';
import { readVectors } from './vectors.ts';

function reader(schema: z.ZodType): (text: string) => unknown {
  return (text) => parseJson(text, { what: 'a body', schema, maxBytes: 200_000, code: 'bad-message' });
}

const readers = {
  fromAgent: parseFromAgent,
  fromTracker: parseFromTracker,
  announceRequest: reader(announceRequestSchema),
  announceReply: reader(announceReplySchema),
  searchReply: reader(searchReplySchema),
  swarmReply: reader(swarmReplySchema),
  registerReply: reader(registerReplySchema),
  problem: reader(problemSchema),
};
const names = Object.keys(readers) as (keyof typeof readers)[];
const shape = z.strictObject({ of: z.enum(names) });
const vectors = readVectors('tracker-messages', shape, shape);

describe('good vectors', () => {
  it.each(vectors.good)('reads $file: $shows', ({ text, of }) => {
    expect(readers[of](text)).toEqual(JSON.parse(text));
  });

  it('show every kind of session message and every body', () => {
    expect(new Set(vectors.good.map(({ of }) => of))).toEqual(new Set(names));
    const kinds = (side: string): string[] =>
      vectors.good.filter(({ of }) => of === side).map(({ text }) => (JSON.parse(text) as { kind: string }).kind);
    expect(new Set(kinds('fromAgent'))).toEqual(new Set(SESSION_MESSAGE_KINDS.fromAgent));
    expect(new Set(kinds('fromTracker'))).toEqual(new Set(SESSION_MESSAGE_KINDS.fromTracker));
  });
});

describe('bad vectors', () => {
  it.each(vectors.bad)('refuses $file: $breaks', ({ text, of, code }) => {
    expectError(code, () => readers[of](text));
  });
});

describe('session messages', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(messagesFromAgent, messagesFromTracker, (asked, told) => {
        expect(parseFromAgent(JSON.stringify(asked))).toEqual(asked);
        expect(parseFromTracker(JSON.stringify(told))).toEqual(told);
      }),
    );
  });

  it('have at most 128 KiB', () => {
    const asked = '{"kind":"leave","infoHashes":["' + 'a'.repeat(64) + '"]}';
    const told = '{"kind":"error","code":"internal","message":""}';
    expect(parseFromAgent(asked.padEnd(LIMITS.sessionMessageBytes, ' ')).kind).toBe('leave');
    expect(parseFromTracker(told.padEnd(LIMITS.sessionMessageBytes, ' ')).kind).toBe('error');
    expectError('too-large', () => parseFromAgent(asked.padEnd(LIMITS.sessionMessageBytes + 1, ' ')));
    expectError('too-large', () => parseFromTracker(told.padEnd(LIMITS.sessionMessageBytes + 1, ' ')));
  });

  it.each(['announce', 'progress'])('of kind %s hold 1,000 swarms, and no more', (kind) => {
    const swarms = (length: number): unknown[] =>
      Array.from({ length }, (_, at) => ({ infoHash: at.toString(16).padStart(64, '0'), left: at }));
    const message = (length: number): string => JSON.stringify({ kind, swarms: swarms(length) });
    expect(parseFromAgent(message(LIMITS.announceSwarms)).kind).toBe(kind);
    expectError('bad-message', () => parseFromAgent(message(LIMITS.announceSwarms + 1)));
    expectError('bad-message', () => parseFromAgent(message(0)));
  });
});

describe('a list of swarms', () => {
  const entry = { infoHash: 'a'.repeat(64), left: 1 };
  const read = (second: unknown): unknown =>
    parseFromAgent(JSON.stringify({ kind: 'progress', swarms: [entry, second] }));

  it.each([
    ['another key', { ...entry, more: 1 }, 'swarms.1: unknown key "more"'],
    ['a key that objects have by themselves', { ...entry, toString: 1 }, 'swarms.1: unknown key "toString"'],
    ['no bytes', { infoHash: entry.infoHash }, 'swarms.1.left: '],
    ['half a byte', { ...entry, left: 0.5 }, 'swarms.1.left: '],
    ['fewer bytes than none', { ...entry, left: -1 }, 'swarms.1.left: '],
    ['more bytes than can be counted', { ...entry, left: 2 ** 53 }, 'swarms.1.left: '],
    ['an info hash that is none', { ...entry, infoHash: 'A'.repeat(64) }, 'swarms.1.infoHash: must be 64'],
    ['a list in the place of an entry', [entry.infoHash, 1], 'swarms.1: '],
    ['nothing', null, 'swarms.1: '],
  ])('is refused for %s, and it is said where', (_, second, where) => {
    expect(() => read(second)).toThrow(` at ${where}`);
    expectError('bad-message', () => read(second));
  });
});

describe('announceRequestSchema', () => {
  it('takes an announce without event for an update', () => {
    const swarms = [{ infoHash: 'a'.repeat(64), left: 0 }];
    expect(announceRequestSchema.parse({ peerId: 'b'.repeat(64), port: 0, swarms }).event).toBe('update');
  });
});
