import { LIMITS, type FromTracker } from '@shoal/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { SwarmNews, Tidings } from '../../src/core/swarm-registry.ts';
import { Outbox } from '../../src/ws/outbox.ts';
import { infoHash, peerId } from '../core/desk-world.ts';

const handed = (n: number, port = 1) => ({ peerId: peerId(n), host: '10.0.0.1', port });
const news = (swarm: number, added: number[], removed: number[] = []): SwarmNews => ({
  kind: 'peers',
  infoHash: infoHash(swarm),
  added: added.map((n) => [handed(n)]),
  removed: removed.map(peerId),
});
const told = (swarms: number[], added: number[], removed: number[] = []): FromTracker => ({
  kind: 'peers',
  infoHashes: swarms.map(infoHash),
  added: added.map((n) => handed(n)),
  removed: removed.map(peerId),
});

function outboxWith(...messages: Tidings[]): { outbox: Outbox; delivered: FromTracker[] } {
  const delivered: FromTracker[] = [];
  const outbox = new Outbox((batch) => delivered.push(...batch));
  for (const message of messages) outbox.put(message);
  return { outbox, delivered };
}

function flushed(...messages: Tidings[]): FromTracker[] {
  const { outbox, delivered } = outboxWith(...messages);
  outbox.flush();
  return delivered;
}

describe('the outbox', () => {
  it('delivers by itself before anything else happens', async () => {
    const { delivered } = outboxWith(news(1, [1]));
    expect(delivered).toEqual([]);
    await new Promise(setImmediate);
    expect(delivered).toEqual([told([1], [1])]);
  });

  it('joins the news of each swarm', () => {
    expect(flushed(news(1, [1]), news(2, [4]), news(1, [2], [3]))).toEqual([told([1], [1, 2], [3]), told([2], [4])]);
  });

  it('says once of many swarms what holds in all of them', () => {
    const came = [1, 2, 3].map((swarm) => news(swarm, [1, 2], [3]));
    expect(flushed(...came)).toEqual([told([1, 2, 3], [1, 2], [3])]);
    expect(flushed(...came, news(4, [2]))).toEqual([told([1, 2, 3], [1], [3]), told([1, 2, 3, 4], [2])]);
  });

  it('names at most a thousand swarms in one message', () => {
    const many = Array.from({ length: LIMITS.announceSwarms + 1 }, (_, swarm) => news(swarm, [1, 2]));
    const sizes = flushed(...many).map((message) =>
      message.kind === 'peers' ? [message.infoHashes.length, message.added.length] : [],
    );
    expect(sizes).toEqual([
      [LIMITS.announceSwarms, 2],
      [1, 2],
    ]);
  });

  it('stays below the largest message, whatever is to be told', () => {
    const peer = { peerId: peerId(1), host: 'a'.repeat(255), port: 65_535 };
    const gone = Array.from({ length: 600 }, (_, n) => peerId(n + 100));
    const came = Array.from({ length: LIMITS.handOutPeers }, (_, n) => [{ ...peer, peerId: peerId(n) }]);
    const tidings = Array.from({ length: LIMITS.announceSwarms }, (_, swarm): SwarmNews => {
      return { kind: 'peers', infoHash: infoHash(swarm), added: came, removed: gone };
    });
    const sizes = flushed(...tidings).map((message) => JSON.stringify(message).length);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(LIMITS.sessionMessageBytes);
  });

  it('says the last of each peer', () => {
    expect(flushed(news(1, [1, 2]), news(1, [], [1]))).toEqual([told([1], [2], [1])]);
    expect(flushed(news(1, [], [1]), news(1, [1]))).toEqual([told([1], [1])]);
    const moved: SwarmNews = { ...news(1, []), added: [[handed(1, 2)]] };
    expect(flushed(news(1, [1]), moved)).toEqual([{ ...told([1], []), added: [handed(1, 2)] }]);
  });

  it('keeps all addresses of a peer that came, and none of before', () => {
    const both = (...ports: number[]): SwarmNews => {
      return { ...news(1, []), added: [ports.map((port) => handed(1, port))] };
    };
    expect(flushed(both(1, 2), news(1, [2]), both(3, 4))).toEqual([
      { ...told([1], []), added: [handed(1, 3), handed(1, 4), handed(2)] },
    ]);
  });

  it('keeps the order of everything else', () => {
    const dial: FromTracker = { kind: 'dial', infoHash: infoHash(1), peer: handed(1) };
    const error: FromTracker = { kind: 'error', code: 'x', message: 'y' };
    expect(flushed(dial, error)).toEqual([dial, error]);
  });

  it('puts at most fifty peers into one message', () => {
    const many = Array.from({ length: 120 }, (_, n) => n);
    const sizes = flushed(news(1, many, [500])).map((message) =>
      message.kind === 'peers' ? [message.added.length, message.removed.length] : [],
    );
    expect(sizes).toEqual([
      [50, 1],
      [50, 0],
      [20, 0],
    ]);
  });

  it('delivers once what it is flushed of', async () => {
    const deliver = vi.fn();
    const outbox = new Outbox(deliver);
    outbox.put(news(1, [1]));
    outbox.flush();
    await new Promise(setImmediate);
    expect(deliver).toHaveBeenCalledTimes(1);
  });
});
