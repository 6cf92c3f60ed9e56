import { LIMITS, ShoalError, type PeerAddress, type PeerId } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionSlots } from '../../src/core/connection-slots.ts';
import { Dialler } from '../../src/shell/dialler.ts';
import { PeerLink } from '../../src/shell/peer-link.ts';
import type { EnginePorts, Link } from '../../src/shell/ports.ts';
import { FakeClock, settled } from '../../src/testing/fake-clock.ts';
import { aPeerId, FakeLink, recordingHandlers, X, Y } from './fake-link.ts';

const ADDRESS: PeerAddress = { host: '10.0.0.9', port: 7_000 };

let clock: FakeClock;
let slots: ConnectionSlots;
let dialler: Dialler;
/** How the network answers the next dial. */
let answer: () => Promise<Link>;
let opened: PeerLink[];
let hasPlace: boolean;

beforeEach(() => {
  clock = new FakeClock();
  slots = new ConnectionSlots(() => 1);
  opened = [];
  hasPlace = true;
  const us = { peerId: aPeerId(1), port: 7_001, agent: 'test' };
  const handlers = {
    ...recordingHandlers().handlers,
    onClosed: (link: PeerLink, reason: ShoalError | undefined) => {
      dialler.closed(link, reason, false);
    },
  };
  const transport = { listen: () => Promise.resolve(0), dial: () => answer(), stop: () => Promise.resolve() };
  dialler = new Dialler({ clock, transport } as unknown as EnginePorts, slots, {
    open: (connection) => {
      const link = new PeerLink(connection, { us, isOutgoing: true, handlers, clock });
      opened.push(link);
      return link;
    },
    start: (link) => {
      if (hasPlace) link.start();
      else link.close('too-many-links', 'all links of this agent are taken');
    },
  });
});

/** Dials, and notes how it ended. */
async function dial(): Promise<{ outcome: PeerId | string | undefined }> {
  const result: { outcome: string | undefined } = { outcome: undefined };
  slots.learn(X, ADDRESS);
  slots.next(clock.now(), () => true);
  void dialler.dial({
    address: ADDRESS,
    infoHashes: [X, Y],
    settle: { resolve: (peerId) => (result.outcome = peerId), reject: ({ code }) => (result.outcome = code) },
  });
  await settled();
  return result;
}

/** Whether the address may be dialled now. */
const isDue = (): boolean => slots.next(clock.now(), () => true).length > 0;

it('waits until the other side has said hello', async () => {
  const connection = new FakeLink();
  answer = () => Promise.resolve(connection);
  const result = await dial();
  expect([opened.length, result.outcome]).toEqual([1, undefined]);
  connection.sayHello(aPeerId(9));
  expect(dialler.reached(opened[0]!, opened[0]!.remote!)).toEqual([X, Y]);
  expect(result.outcome).toBe(aPeerId(9));
  expect(slots.unlinked()).toEqual([]);
});

describe('a dial that fails', () => {
  it.each([
    [
      'because nobody answers',
      () => Promise.reject(new ShoalError('peer-unreachable', 'nobody')),
      'peer-unreachable',
      0,
    ],
    ['because the port is silent', () => Promise.resolve(new FakeLink()), 'timed-out', LIMITS.helloMs],
  ] as const)('%s is told, and the address rests', async (_what, network, code, afterMs) => {
    answer = network;
    const result = await dial();
    await clock.pass(afterMs);
    expect(result.outcome).toBe(code);
    expect(isDue()).toBe(false);
    await clock.pass(1_000);
    expect(isDue()).toBe(true);
  });

  it('because the connection breaks before hello is told', async () => {
    const connection = new FakeLink();
    answer = () => Promise.resolve(connection);
    const result = await dial();
    connection.break();
    expect(result.outcome).toBe('peer-unreachable');
    expect(isDue()).toBe(false);
  });

  it('because all links are taken is told, and leaves no dial behind', async () => {
    hasPlace = false;
    answer = () => Promise.resolve(new FakeLink());
    const result = await dial();
    expect(result.outcome).toBe('too-many-links');
    expect(isDue()).toBe(false);
    await clock.pass(1_000);
    expect(isDue()).toBe(true);
  });
});

describe('a link that was dialled', () => {
  it('and closes after hello leaves its address to rest', async () => {
    const connection = new FakeLink();
    answer = () => Promise.resolve(connection);
    await dial();
    connection.sayHello(aPeerId(9));
    dialler.reached(opened[0]!, opened[0]!.remote!);
    connection.break();
    expect(isDue()).toBe(false);
    expect(slots.unlinked()).toEqual([ADDRESS]);
    await clock.pass(1_000);
    expect(isDue()).toBe(true);
  });

  it('and is refused because another link to the peer stands, has found the peer all the same', async () => {
    const connection = new FakeLink();
    answer = () => Promise.resolve(connection);
    const result = await dial();
    connection.sayHello(aPeerId(9));
    dialler.closed(opened[0]!, new ShoalError('duplicate-link', 'there is a link already'), true);
    expect(result.outcome).toBe(aPeerId(9));
    expect(slots.unlinked()).toEqual([]);
  });
});

it('counts a link that came in as one to its address', () => {
  slots.learn(X, ADDRESS);
  const us = { peerId: aPeerId(1), port: 7_001, agent: 'test' };
  const incoming = new PeerLink(new FakeLink(), {
    us,
    isOutgoing: false,
    handlers: recordingHandlers().handlers,
    clock,
  });
  expect(dialler.reached(incoming, { peerId: aPeerId(9), agent: 'fake', address: ADDRESS })).toEqual([]);
  expect(isDue()).toBe(false);
});
