/** What a peer may do wrong on a link to a seeder, and how the link must end, or that it must go on. */
import { randomBytes } from 'node:crypto';
import { BLOCK_HEADER_BYTES, encodeBlockHeader, LIMITS, PEER_MESSAGE_KINDS } from '@shoal/protocol';
import { badFrames } from '../socket/bad-frames.ts';
import { badMessagesOf } from '../socket/bad-messages.ts';
import { frame, OPCODE } from '../../web-socket-frames.ts';
import type { RawSocket } from '../socket/raw-socket.ts';
import type { Row } from '../table.ts';
import { badVectors } from '../vectors.ts';
import { helloOf } from './hostile-link.ts';
import { boundsOf, HONEST_PEER_MESSAGES } from './honest-messages.ts';

/** How far the link is when a row begins: before any hello of ours, after it, in the swarm, with our bitfield said. */
export type Stage = 'silent' | 'greeted' | 'joined' | 'talking';

/** One row: `must` is how the link ends, or `goes on`. */
export interface LinkRow extends Row {
  readonly stage: Stage;
  /** The kinds of message that it is about; `block` for a binary frame. */
  readonly kinds: readonly string[];
  readonly act: (link: RawSocket) => void;
}

/** The seeder's share, as far as rows need it. */
export interface Target {
  readonly infoHash: string;
  readonly peerId: string;
  readonly pieceCount: number;
  /** Our bitfield without a piece. */
  readonly emptyBits: string;
}

const VIOLATION = 'bye protocol-violation';
const GOES_ON = 'goes on';
/** What a swarm says on a channel. */
const LINK_KINDS: readonly string[] = ['hello', 'join', 'leave', 'search', 'found', 'bye'];

/** All rows. */
export function linkRows(target: Target): readonly LinkRow[] {
  return [
    ...ofForm(),
    ...ofVectors(),
    ...ofFrames(),
    ...ofOrder(),
    ...ofHello(target),
    ...ofChannels(target),
    ...ofRanges(target),
    ...ofBitfields(target),
    ...ofBlocks(),
    ...thatCross(target),
  ];
}

function ofForm(): readonly LinkRow[] {
  return PEER_MESSAGE_KINDS.flatMap((kind) =>
    badMessagesOf(HONEST_PEER_MESSAGES[kind], boundsOf(kind)).map(({ text, ...row }) => {
      return { ...row, stage: 'greeted' as const, kinds: [kind], act: saying(text) };
    }),
  );
}

function ofVectors(): readonly LinkRow[] {
  return badVectors('peer-messages').map(({ name, code, bytes }) => {
    const act = saying(Buffer.from(bytes).toString());
    return { name, must: `bye ${code}`, stage: 'greeted' as const, kinds: [], act };
  });
}

/** Before the hello and after it: what reads frames must not depend on what was said. */
function ofFrames(): readonly LinkRow[] {
  return (['silent', 'talking'] as const).flatMap((stage) =>
    badFrames({ maxBytes: LIMITS.largeMessageBytes, tooLarge: 'bye too-large' }).map(({ name, must, bytes }) => {
      const act = (link: RawSocket): void => {
        link.write(bytes);
      };
      return { name: `${name}, ${stage}`, must, stage, kinds: [], act };
    }),
  );
}

function ofOrder(): readonly LinkRow[] {
  const first = PEER_MESSAGE_KINDS.filter((kind) => kind !== 'hello' && kind !== 'bye').map((kind) =>
    rowOf(`${kind} before hello`, { must: VIOLATION, stage: 'silent', sent: [HONEST_PEER_MESSAGES[kind]] }),
  );
  const swarm = PEER_MESSAGE_KINDS.filter((kind) => !LINK_KINDS.includes(kind));
  const unjoined = swarm.map((kind) =>
    rowOf(`${kind} on a channel that stands for nothing`, {
      must: VIOLATION,
      stage: 'greeted',
      sent: [HONEST_PEER_MESSAGES[kind]],
    }),
  );
  const beforeBitfield = swarm
    .filter((kind) => kind !== 'bitfield' && kind !== 'metainfo?')
    .map((kind) =>
      rowOf(`${kind} before the bitfield`, { must: VIOLATION, stage: 'joined', sent: [HONEST_PEER_MESSAGES[kind]] }),
    );
  return [...first, ...unjoined, ...beforeBitfield];
}

function ofHello({ peerId }: Target): readonly LinkRow[] {
  const silent = (name: string, must: string, hello: object): LinkRow =>
    rowOf(name, { must, stage: 'silent', sent: [hello as Said] });
  const honest = helloOf(randomBytes(32).toString('hex'));
  return [
    silent('a hello of version 0', 'bye unsupported-version', { ...honest, version: 0 }),
    silent('a hello of version 2', 'bye unsupported-version', { ...honest, version: 2 }),
    silent('a hello of version -1', 'bye unsupported-version', { ...honest, version: -1 }),
    silent('a hello of version 1.5', 'bye bad-message', { ...honest, version: 1.5 }),
    silent('a hello with port 65,536', 'bye bad-message', { ...honest, port: 65_536 }),
    silent('a hello with a peer id of 63 digits', 'bye bad-message', { ...honest, peerId: 'a'.repeat(63) }),
    silent("a hello with the seeder's own peer id", 'bye self-link', { ...honest, peerId }),
    rowOf('a second hello', { must: VIOLATION, stage: 'greeted', sent: [honest] }),
    rowOf('a second hello, in the swarm', { must: VIOLATION, stage: 'talking', sent: [honest] }),
  ];
}

function ofChannels({ infoHash }: Target): readonly LinkRow[] {
  const other = 'cd'.repeat(32);
  const many = Array.from({ length: LIMITS.channelsPerLink + 1 }, (_, at): Said => {
    return { kind: 'join', channel: at + 10, infoHash: at.toString(16).padStart(64, '0') };
  });
  const joined = (name: string, must: string, ...sent: readonly Said[]): LinkRow =>
    rowOf(name, { must, stage: 'joined', sent });
  return [
    joined('a channel a second time', VIOLATION, { kind: 'join', channel: 1, infoHash: other }),
    joined('a swarm a second time', VIOLATION, { kind: 'join', channel: 2, infoHash }),
    joined('leaving a channel that stands for nothing', VIOLATION, { kind: 'leave', channel: 2 }),
    joined('leaving twice', VIOLATION, { kind: 'leave', channel: 1 }, { kind: 'leave', channel: 1 }),
    joined('more channels than a link has', VIOLATION, ...many),
    joined('a swarm that the seeder is not in', GOES_ON, { kind: 'join', channel: 2, infoHash: other }),
    joined('leaving and coming back', GOES_ON, { kind: 'leave', channel: 1 }, { kind: 'join', channel: 1, infoHash }),
    joined('a channel of 2^32', 'bye bad-message', { kind: 'join', channel: 2 ** 32, infoHash: other }),
  ];
}

function ofRanges({ pieceCount }: Target): readonly LinkRow[] {
  const beyond: readonly Said[] = [
    { kind: 'have', channel: 1, pieces: [0, pieceCount] },
    { kind: 'interested', channel: 1, first: [pieceCount] },
    { kind: 'offer', channel: 1, pieces: [pieceCount] },
    { kind: 'decline', channel: 1, pieces: [pieceCount], reason: 'have' },
    { kind: 'request', channel: 1, blocks: [[pieceCount, 0, 1]] },
    { kind: 'cancel', channel: 1, blocks: [[pieceCount, 0, 1]] },
    { kind: 'reject', channel: 1, blocks: [[pieceCount, 0, 1]] },
    { kind: 'expect', channel: 1, add: [pieceCount], drop: [] },
    { kind: 'expect', channel: 1, add: [], drop: [pieceCount] },
  ];
  const outside = [-1, 0.5, LIMITS.pieces, 2 ** 53];
  return [
    ...beyond.map((said) =>
      rowOf(`${said.kind} of a piece beyond the share ${JSON.stringify(said)}`, {
        must: VIOLATION,
        stage: 'talking',
        sent: [said],
      }),
    ),
    ...outside.map((piece) =>
      rowOf(`have of piece ${String(piece)}`, {
        must: 'bye bad-message',
        stage: 'talking',
        sent: [{ kind: 'have', channel: 1, pieces: [piece] }],
      }),
    ),
  ];
}

function ofBitfields({ emptyBits }: Target): readonly LinkRow[] {
  const joined = (name: string, must: string, bits: string): LinkRow =>
    rowOf(name, { must, stage: 'joined', sent: [{ kind: 'bitfield', channel: 1, bits }] });
  return [
    joined('an empty bitfield', 'bye bad-message', ''),
    joined('a bitfield that is too long', 'bye bad-message', 'A'.repeat(40)),
    joined(
      'a bitfield with spare bits',
      'bye bad-message',
      Buffer.alloc(Buffer.from(emptyBits, 'base64').length, 0xff).toString('base64'),
    ),
    joined('a bitfield that is no base64', 'bye bad-message', '####'),
    rowOf('a second bitfield', {
      must: VIOLATION,
      stage: 'talking',
      sent: [{ kind: 'bitfield', channel: 1, bits: emptyBits }],
    }),
  ];
}

function ofBlocks(): readonly LinkRow[] {
  const block = (name: string, must: string, bytes: Uint8Array, stage: Stage = 'talking'): LinkRow => {
    const act = (link: RawSocket): void => {
      link.write(frame({ opcode: OPCODE.binary, payload: bytes }));
    };
    return { name, must, stage, kinds: ['block'], act };
  };
  const of = (channel: number, piece: number, length: number): Uint8Array =>
    Buffer.concat([encodeBlockHeader(channel, piece, 0), Buffer.alloc(length, 1)]);
  return [
    block('a block before hello', VIOLATION, of(1, 0, 10), 'silent'),
    block('a block on a channel that stands for nothing', VIOLATION, of(9, 0, 10)),
    block('a block that nobody asked for', VIOLATION, of(1, 0, 10)),
    block('a block of a piece beyond the share', VIOLATION, of(1, 0xffffffff, 10)),
    block('a block that nobody asked for, of the largest size', VIOLATION, of(1, 0, LIMITS.blockBytes)),
    block('a block that is a byte too large', 'bye too-large', of(1, 0, LIMITS.blockBytes + 1)),
    block('a block of a mebibyte', 'bye too-large', of(1, 0, 1024 * 1024)),
    block('a block without bytes', VIOLATION, of(1, 0, 0)),
    block('half a header', VIOLATION, Buffer.alloc(BLOCK_HEADER_BYTES - 1)),
    block('no bytes at all', VIOLATION, Buffer.alloc(0)),
  ];
}

/** What is wrong only by its time, or says nothing to a seeder: the link stands. */
function thatCross({ pieceCount }: Target): readonly LinkRow[] {
  const last = pieceCount - 1;
  const talking = (name: string, ...sent: readonly Said[]): LinkRow =>
    rowOf(name, { must: GOES_ON, stage: 'talking', sent });
  const addresses = [
    '0.0.0.0',
    '127.0.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '169.254.0.1',
    '::',
    'ff02::1',
    'localhost',
  ];
  return [
    talking('a request of what was not offered', { kind: 'request', channel: 1, blocks: [[last, 0, 1]] }),
    talking('a request of no bytes', { kind: 'request', channel: 1, blocks: [[0, 0, 0]] }),
    talking('a request beyond the piece', { kind: 'request', channel: 1, blocks: [[0, 0xffffffff, 0xffffffff]] }),
    talking('a cancel of nothing', { kind: 'cancel', channel: 1, blocks: [[0, 0, 1]] }),
    talking('a reject of nothing', { kind: 'reject', channel: 1, blocks: [[0, 0, 1]] }),
    talking('a decline of nothing', { kind: 'decline', channel: 1, pieces: [0], reason: 'promised' }),
    talking('an offer to a seeder', { kind: 'offer', channel: 1, pieces: [0] }),
    talking('expecting and dropping the same', { kind: 'expect', channel: 1, add: [0, 0], drop: [0, 0] }),
    talking('the same pieces again and again', {
      kind: 'have',
      channel: 1,
      pieces: Array<number>(LIMITS.listEntries).fill(0),
    }),
    talking('lists of nothing', { kind: 'have', channel: 1, pieces: [] }, { kind: 'request', channel: 1, blocks: [] }),
    talking('an answer to a search that nobody made', { kind: 'found', id: 0xffffffff, shares: [] }),
    talking('addresses that nobody should dial', {
      kind: 'peers',
      channel: 1,
      peers: addresses.map((host) => ({ host, port: 1 })),
    }),
    talking('the metainfo asked for twice', { kind: 'metainfo?', channel: 1 }, { kind: 'metainfo?', channel: 1 }),
    rowOf('a metainfo that nobody asked for', {
      must: VIOLATION,
      stage: 'talking',
      sent: [HONEST_PEER_MESSAGES.metainfo],
    }),
    rowOf('a bye with a code that nobody knows', {
      must: 'close 1000',
      stage: 'talking',
      sent: [{ kind: 'bye', code: 'x', message: '\u001b[31m' }],
    }),
    rowOf('a bye before hello', { must: 'close 1000', stage: 'silent', sent: [HONEST_PEER_MESSAGES.bye] }),
    ...searches(),
  ];
}

/** Whatever is looked for, it is text. */
function searches(): readonly LinkRow[] {
  const queries = ['%', '_', '\\', '"', "' OR 1=1 --", '*', '.*', '(', '\u0000', '\u202e', '😀', '../', '$' + '{x}'];
  return queries.map((query) =>
    rowOf(`a search for ${JSON.stringify(query)}`, {
      must: GOES_ON,
      stage: 'greeted',
      sent: [{ kind: 'search', id: 1, query }],
    }),
  );
}

/** Anything that claims to be a message. */
type Said = { readonly kind: string } & Readonly<Record<string, unknown>>;

function rowOf(name: string, { must, stage, sent }: { must: string; stage: Stage; sent: readonly Said[] }): LinkRow {
  const kinds = sent.map(({ kind }) => kind);
  const act = (link: RawSocket): void => {
    link.write(...sent.map((said) => frame({ opcode: OPCODE.text, payload: JSON.stringify(said) })));
  };
  return { name, must, stage, kinds, act };
}

function saying(text: string): (link: RawSocket) => void {
  return (link) => {
    link.say(text);
  };
}
