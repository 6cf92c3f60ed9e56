/** Replays what the fuzzing of the parsers starts from, and every input that once broke one. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BLOCK_HEADER_BYTES, decodeBlockFrame, encodeBlockHeader } from '../src/block-frame.ts';
import { ShoalError } from '../src/errors.ts';
import { parseFromFleet, parseFromPage } from '../src/fleet-messages.ts';
import { encodeMetainfo, parseMetainfo } from '../src/metainfo.ts';
import { encodePeerMessage, parsePeerMessage } from '../src/peer-messages.ts';
import { parseFromAgent, parseFromTracker } from '../src/tracker-messages.ts';

const ROOT = new URL('../../../apps/battery/corpus/', import.meta.url);

function corpusOf(parser: string): [file: string, bytes: Uint8Array][] {
  const folder = new URL(`${parser}/`, ROOT);
  return readdirSync(folder).map((file) => [file, readFileSync(new URL(file, folder))]);
}

/** Reads; what is read is written, read again, and must be the same. What is refused is refused with a code. */
function readsTheSameAgain<T>(read: (input: string | Uint8Array) => T, write: (value: T) => string | Uint8Array) {
  return (bytes: Uint8Array): void => {
    for (const input of [bytes, Buffer.from(bytes).toString('utf8')]) {
      let value: T;
      try {
        value = read(input);
      } catch (error) {
        expect(error).toBeInstanceOf(ShoalError);
        continue;
      }
      expect(read(write(value))).toEqual(value);
    }
  };
}

const asText = (input: string | Uint8Array): string =>
  typeof input === 'string' ? input : Buffer.from(input).toString('utf8');
const asBytes = (input: string | Uint8Array): Uint8Array => (typeof input === 'string' ? Buffer.from(input) : input);

describe.each([
  [
    'metainfo',
    readsTheSameAgain(
      (input) => parseMetainfo(input).document,
      (document) => JSON.stringify(document),
    ),
  ],
  [
    'metainfo',
    readsTheSameAgain(
      (input) => encodeMetainfo(parseMetainfo(input)),
      (document) => document,
    ),
  ],
  ['peer-frame', readsTheSameAgain((input) => parsePeerMessage(asText(input)), encodePeerMessage)],
  [
    'peer-frame',
    readsTheSameAgain(
      (input) => decodeBlockFrame(asBytes(input)),
      ({ channel, piece, begin, bytes }) => Buffer.concat([encodeBlockHeader(channel, piece, begin), bytes]),
    ),
  ],
  [
    'tracker-message',
    readsTheSameAgain(
      (input) => parseFromAgent(asText(input)),
      (message) => JSON.stringify(message),
    ),
  ],
  [
    'tracker-message',
    readsTheSameAgain(
      (input) => parseFromTracker(asText(input)),
      (message) => JSON.stringify(message),
    ),
  ],
  [
    'tracker-message',
    readsTheSameAgain(
      (input) => parseFromPage(asText(input)),
      (message) => JSON.stringify(message),
    ),
  ],
  [
    'tracker-message',
    readsTheSameAgain(
      (input) => parseFromFleet(asText(input)),
      (message) => JSON.stringify(message),
    ),
  ],
] as const)('of the corpus %s', (parser, check) => {
  it.each(corpusOf(parser))('%s is read or refused, and breaks nothing', (_file, bytes) => {
    check(bytes);
  });
});

it('the corpus has frames shorter than a header', () => {
  expect(corpusOf('peer-frame').some(([, bytes]) => bytes.length < BLOCK_HEADER_BYTES)).toBe(true);
});
