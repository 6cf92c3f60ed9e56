import { encodePeerMessage, LIMITS, parsePeerMessage, type PeerMessage } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { PageLink } from '../../src/download/page-link.ts';
import type { SocketHandlers } from '../../src/download/socket.ts';
import { FakeClock } from './fake-clock.ts';
import { idOf } from './fake-network.ts';
import { sampleShare } from './sample-share.ts';

const { infoHash } = sampleShare([10]).metainfo;
const { infoHash: otherHash } = sampleShare([11]).metainfo;
const hello: PeerMessage = { kind: 'hello', version: 1, peerId: idOf('agent'), port: 7000, agent: 'test' };
const target = { url: 'ws://192.0.2.1:7000/v1/peer', peerId: idOf('agent'), infoHash, ownId: idOf('page') };

let clock: FakeClock;
let socket: SocketHandlers;
let said: PeerMessage[];
let events: string[];
let isOpen: boolean;
let link: PageLink;

beforeEach(() => {
  clock = new FakeClock();
  said = [];
  events = [];
  isOpen = true;
  link = new PageLink(
    target,
    {
      onLive: () => events.push('live'),
      onMessage: ({ kind }) => events.push(kind),
      onBlock: ({ piece }) => events.push(`block of ${piece}`),
      onClosed: ({ code, message }, wasOpen) => events.push(`${wasOpen ? '' : 'never opened: '}${code}: ${message}`),
    },
    {
      clock,
      openSocket: (_url, handlers) => {
        socket = handlers;
        return { send: (text) => said.push(parsePeerMessage(text)), close: () => (isOpen = false) };
      },
    },
  );
});

function hear(...messages: readonly PeerMessage[]): void {
  for (const message of messages) socket.onMessage(encodePeerMessage(message));
}

function live(): void {
  socket.onOpen();
  hear(hello, { kind: 'join', channel: 9, infoHash });
  said.length = 0;
}

it('hears who is there, says who we are and what we want, and is live when the other is in the swarm too', () => {
  socket.onOpen();
  expect(said).toEqual([]);
  hear(hello);
  expect(said).toEqual([
    { kind: 'hello', version: 1, peerId: target.ownId, port: 0, agent: 'shoal/page' },
    { kind: 'join', channel: 0, infoHash },
  ]);
  expect(events).toEqual([]);
  hear({ kind: 'join', channel: 9, infoHash });
  expect(events).toEqual(['live']);
});

it('leaves without a word when somebody else answers there', () => {
  socket.onOpen();
  hear({ ...hello, peerId: idOf('another') });
  expect([said, events, isOpen]).toEqual([[], ['peer-unreachable: another agent answers there'], false]);
});

it('says why it closes, and that it has closed only once', () => {
  live();
  link.close('idle', 'enough');
  link.close('idle', 'enough');
  socket.onClose();
  expect(said).toEqual([{ kind: 'bye', code: 'idle', message: 'enough' }]);
  expect([events, isOpen]).toEqual([['live', 'idle: enough'], false]);
});

it('puts its channel on what it sends, and says nothing about a swarm that is not live', () => {
  link.send({ kind: 'notInterested' });
  live();
  link.send({ kind: 'notInterested' });
  expect(said).toEqual([{ kind: 'notInterested', channel: 0 }]);
});

it('passes on what is said about its swarm, and ignores other swarms', () => {
  live();
  hear({ kind: 'join', channel: 2, infoHash: otherHash }, { kind: 'offer', channel: 2, pieces: [0] });
  hear({ kind: 'offer', channel: 9, pieces: [0] });
  socket.onMessage(new Uint8Array([0, 0, 0, 9, 0, 0, 0, 7, 0, 0, 0, 0, 1]).buffer);
  socket.onMessage(new Uint8Array([0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 0, 1]).buffer);
  expect(events).toEqual(['live', 'offer', 'block of 7']);
});

it('answers a search at once: a page has nothing to be found', () => {
  live();
  hear({ kind: 'search', id: 4, query: 'x' });
  expect(said).toEqual([{ kind: 'found', id: 4, shares: [] }]);
});

it('ends when the other side says good-bye, leaves the swarm, or is gone', () => {
  live();
  hear({ kind: 'bye', code: 'shutting-down', message: 'later' });
  expect(events).toEqual(['live', 'peer-unreachable: it closed the link (shutting-down): later']);
});

it('ends when the other side leaves the swarm', () => {
  live();
  hear({ kind: 'leave', channel: 9 });
  expect(events).toEqual(['live', 'unknown-share: it does not have the share any more']);
});

it('tells a socket that never opened from a link that broke off', () => {
  socket.onClose();
  expect(events).toEqual(['never opened: peer-unreachable: no link']);
});

describe('has a deadline', () => {
  it('for the socket', () => {
    clock.pass(LIMITS.dialMs);
    expect(events).toEqual(['never opened: peer-unreachable: no answer in time']);
  });

  it('for hello', () => {
    socket.onOpen();
    clock.pass(LIMITS.helloMs);
    expect(events).toEqual(['timed-out: no hello in time']);
  });

  it('for the swarm', () => {
    socket.onOpen();
    hear(hello);
    clock.pass(LIMITS.helloMs);
    expect(events).toEqual(['timed-out: it does not have the share']);
  });

  it('for nothing else', () => {
    live();
    clock.pass(3_600_000);
    expect(events).toEqual(['live']);
  });
});

describe('closes, and says so, at', () => {
  it.each<[string, readonly PeerMessage[], string]>([
    ['another version', [{ ...hello, version: 2 }], 'unsupported-version'],
    ['a word before hello', [{ kind: 'join', channel: 1, infoHash }], 'protocol-violation'],
    ['a second hello', [hello, hello], 'protocol-violation'],
    ['a channel that stands for nothing', [hello, { kind: 'offer', channel: 3, pieces: [] }], 'protocol-violation'],
    [
      'a swarm joined twice',
      [hello, ...[1, 2].map((channel) => ({ kind: 'join', channel, infoHash }) as const)],
      'protocol-violation',
    ],
  ])('%s', (_what, messages, code) => {
    socket.onOpen();
    hear(...messages);
    expect(events.at(-1)).toMatch(new RegExp(`^${code}: `));
    expect(said.at(-1)).toMatchObject({ kind: 'bye', code });
  });

  it.each<[string, string | ArrayBuffer, string]>([
    ['what is no JSON', '{', 'bad-json'],
    ['what is no message', '{"kind":"dance"}', 'bad-message'],
    [
      'a message that is too long',
      `{"kind":"offer","pieces":[${' '.repeat(LIMITS.controlMessageBytes)}]}`,
      'too-large',
    ],
    ['a block without bytes', new ArrayBuffer(12), 'protocol-violation'],
    ['a block that is too long', new ArrayBuffer(13 + LIMITS.blockBytes), 'protocol-violation'],
  ])('%s', (_what, frame, code) => {
    live();
    socket.onMessage(frame);
    expect(events).toEqual(['live', expect.stringMatching(new RegExp(`^${code}: `))]);
  });
});
