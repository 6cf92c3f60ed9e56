import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTROL_CALLS, CONTROL_TOKEN_HEADER } from '../src/control-messages.ts';
import { ERRORS } from '../src/errors.ts';
import { FLEET_MESSAGE_KINDS, FLEET_PATH, parseFromFleet, parseFromPage } from '../src/fleet-messages.ts';
import { parseJson } from '../src/json.ts';
import { LIMITS } from '../src/limits.ts';
import { parseMetainfo } from '../src/metainfo.ts';
import { parsePeerMessage, PEER_MESSAGE_KINDS, PEER_PATH, PEER_SUBPROTOCOL } from '../src/peer-messages.ts';
import { TRACKER_CALLS } from '../src/tracker-calls.ts';
import {
  announceReplySchema,
  parseFromAgent,
  parseFromTracker,
  searchReplySchema,
  SESSION_MESSAGE_KINDS,
  SESSION_PATH,
} from '../src/tracker-messages.ts';

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** What stands under a heading, up to the next one of the same level or above. */
function section(heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  if (start === -1) throw new Error(`docs/protocol.md has no "${heading}"`);
  const level = heading.indexOf(' ');
  const rest = page.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${String(level)}} `, 'm'));
  return end === -1 ? rest : rest.slice(0, end);
}

/** The rows of the tables in a text whose first cell is one word in backticks: all cells, without the backticks. */
function rows(text: string): string[][] {
  const lines = text.split('\n').filter((line) => /^\| `[^`]+` +\|/.test(line));
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replace(/^`|`$/g, '')),
  );
}

/** The words that a section's tables are about. */
function words(text: string): string[] {
  return rows(text).map(([word]) => String(word));
}

/** The table whose heading row begins with a word. */
function table(text: string, firstHeading: string): string {
  const start = text.indexOf(`| ${firstHeading} `);
  if (start === -1) throw new Error(`no table of "${firstHeading}"`);
  return text.slice(start).split('\n\n')[0] ?? '';
}

function examples(text: string): string[] {
  return [...text.matchAll(/```json\n([^]*?)```/g)].map(([, example]) => String(example));
}

function exampleMessages(text: string): string[] {
  return text.split('\n').filter((line) => line.startsWith('{"kind":'));
}

/** Calls in backticks, without their queries. */
function callsIn(text: string): string[] {
  return [...text.matchAll(/`([A-Z]+ \/[^`?]*)/g)].map(([, call]) => String(call));
}

function listed(calls: Readonly<Record<string, readonly string[]>>): string[] {
  const all = Object.entries(calls).flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
  return all.filter((call) => !call.startsWith('HEAD ')).sort();
}

const UNITS: Readonly<Record<string, number>> = { '': 1, KiB: 1_024, MiB: 1_024 * 1_024, s: 1_000, ms: 1 };

function quantity(text: string): number {
  const [, digits = '', unit = ''] = /^([\d,]+) ?(\w*)$/.exec(text) ?? [];
  return Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? NaN);
}

describe('the page lists exactly what there is', () => {
  it('the messages of a link', () => {
    const messages = section('## Agent and agent');
    expect(words(table(messages, 'message')).sort()).toEqual([...PEER_MESSAGE_KINDS].sort());
  });

  it('the messages of a session', () => {
    const session = section('### Session');
    expect(words(table(session, 'from the agent')).sort()).toEqual([...SESSION_MESSAGE_KINDS.fromAgent].sort());
    expect(words(table(session, 'from the tracker')).sort()).toEqual([...SESSION_MESSAGE_KINDS.fromTracker].sort());
  });

  it('the messages of the fleet', () => {
    const fleet = section('## The fleet');
    expect(words(table(fleet, 'from the page')).sort()).toEqual([...FLEET_MESSAGE_KINDS.fromPage].sort());
    expect(words(table(fleet, 'to the page')).sort()).toEqual([...FLEET_MESSAGE_KINDS.fromFleet].sort());
  });

  it('the calls of the tracker, HEAD aside', () => {
    const headings = section('### Calls').match(/^#### .*$/gm) ?? [];
    expect(headings.flatMap(callsIn).sort()).toEqual(listed(TRACKER_CALLS));
  });

  it('the calls of the control API', () => {
    const calls = words(table(section('## Control API'), 'call')).flatMap((call) => callsIn(`\`${call}\``));
    expect(calls.sort()).toEqual(listed(CONTROL_CALLS));
  });

  it('the error codes', () => {
    expect(words(section('## Errors')).sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it('the limits, each with its value', () => {
    const documented = rows(section('## Limits')).map(([name, value]) => [name, quantity(String(value))]);
    expect(Object.fromEntries(documented)).toEqual(LIMITS);
    expect(documented).toHaveLength(Object.keys(LIMITS).length);
  });

  it('no error code that is unknown', () => {
    const known = new Set<string>(Object.keys(ERRORS));
    const shaped = [...page.matchAll(/`([a-z]+(?:-[a-z]+)+)`/g)].map(([, word]) => String(word));
    const others = [CONTROL_TOKEN_HEADER, 'piece-length'];
    expect(shaped.filter((word) => !known.has(word) && !others.includes(word))).toEqual([]);
  });

  it('the paths and names of the wire', () => {
    const names = [PEER_PATH, PEER_SUBPROTOCOL, SESSION_PATH, FLEET_PATH, CONTROL_TOKEN_HEADER];
    for (const name of names) expect(page).toContain(name);
  });
});

describe('the examples of the page are real', () => {
  it('the metainfo, and its info hash', () => {
    const text = section('## Metainfo');
    const { infoHash } = parseMetainfo(String(examples(text)[0]));
    expect(text).toContain(`\`${infoHash}\``);
  });

  it('a message of a link for every kind', () => {
    const messages = exampleMessages(section('## Agent and agent')).map(parsePeerMessage);
    expect(new Set(messages.map(({ kind }) => kind))).toEqual(new Set(PEER_MESSAGE_KINDS));
  });

  it('a message of a session for every kind', () => {
    const lines = exampleMessages(section('### Session'));
    const fromAgent = new Set<string>(SESSION_MESSAGE_KINDS.fromAgent);
    const kinds = lines.map((line) => {
      const isFromAgent = fromAgent.has((JSON.parse(line) as { kind: string }).kind);
      return (isFromAgent ? parseFromAgent(line) : parseFromTracker(line)).kind;
    });
    expect(new Set(kinds)).toEqual(new Set([...SESSION_MESSAGE_KINDS.fromAgent, ...SESSION_MESSAGE_KINDS.fromTracker]));
  });

  it('a message of the fleet for every kind', () => {
    const kinds = exampleMessages(section('## The fleet')).map((line) => {
      return (line.startsWith('{"kind":"look"') ? parseFromPage(line) : parseFromFleet(line)).kind;
    });
    expect(new Set(kinds)).toEqual(new Set([...FLEET_MESSAGE_KINDS.fromPage, ...FLEET_MESSAGE_KINDS.fromFleet]));
  });

  it('the answers of the tracker', () => {
    const boundary = { what: 'an example', maxBytes: LIMITS.httpBodyBytes, code: 'bad-message' as const };
    const [search, announce] = examples(section('### Calls'));
    expect(parseJson(String(search), { ...boundary, schema: searchReplySchema }).shares).toHaveLength(1);
    expect(parseJson(String(announce), { ...boundary, schema: announceReplySchema }).swarms).toHaveLength(1);
  });
});
