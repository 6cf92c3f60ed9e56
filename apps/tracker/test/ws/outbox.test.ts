import type { FromTracker } from '@shoal/protocol';
import { describe, expect, it, vi } from 'vitest';
import { Outbox } from '../../src/ws/outbox.ts';
import { infoHash, peerId } from '../core/desk-world.ts';

const handed = (n: number, port = 1) => ({ peerId: peerId(n), host: '10.0.0.1', port });
const news = (swarm: number, added: number[], removed: number[] = []): FromTracker => ({
  kind: 'peers',
  infoHash: infoHash(swarm),
  added: added.map((n) => handed(n)),
  removed: removed.map(peerId),
});

function outboxWith(...messages: FromTracker[]): { outbox: Outbox; delivered: FromTracker[] } {
  const delivered: FromTracker[] = [];
  const outbox = new Outbox((batch) => delivered.push(...batch));
  for (const message of messages) outbox.put(message);
  return { outbox, delivered };
}

function flushed(...messages: FromTracker[]): FromTracker[] {
  const { outbox, delivered } = outboxWith(...messages);
  outbox.flush();
  return delivered;
}

describe('the outbox', () => {
  it('delivers by itself before anything else happens', async () => {
    const { delivered } = outboxWith(news(1, [1]));
    expect(delivered).toEqual([]);
    await new Promise(setImmediate);
    expect(delivered).toEqual([news(1, [1])]);
  });

  it('joins the news of each swarm', () => {
    expect(flushed(news(1, [1]), news(2, [1]), news(1, [2], [3]))).toEqual([news(1, [1, 2], [3]), news(2, [1])]);
  });

  it('says the last of each peer', () => {
    expect(flushed(news(1, [1, 2]), news(1, [], [1]))).toEqual([news(1, [2], [1])]);
    expect(flushed(news(1, [], [1]), news(1, [1]))).toEqual([news(1, [1])]);
    const moved: FromTracker = { kind: 'peers', infoHash: infoHash(1), added: [handed(1, 2)], removed: [] };
    expect(flushed(news(1, [1]), moved)).toEqual([moved]);
  });

  it('keeps all addresses of a peer that came, and none of before', () => {
    const both = (...ports: number[]): FromTracker => {
      const added = ports.map((port) => handed(1, port));
      return { kind: 'peers', infoHash: infoHash(1), added, removed: [] };
    };
    expect(flushed(both(1, 2), news(1, [2]), both(3, 4))).toEqual([
      { ...both(3, 4), added: [handed(1, 3), handed(1, 4), handed(2)] },
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
