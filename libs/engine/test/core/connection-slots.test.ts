import { LIMITS, type InfoHash, type PeerAddress } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionSlots } from '../../src/core/connection-slots.ts';
import { aPeerId, INFO_HASH } from './swarm-under-test.ts';

const OTHER_HASH = 'b'.repeat(64) as InfoHash;
const [anne, bert] = [aPeerId(1), aPeerId(2)];
const at = (n: number): PeerAddress => ({ host: `10.0.${String(n >> 8)}.${String(n & 255)}`, port: 7_000 });
const always = (): boolean => true;

let chance: number;
let slots: ConnectionSlots;
beforeEach(() => {
  chance = 1;
  slots = new ConnectionSlots(() => chance);
});

/** Dials everything that may be dialled now. */
const next = (nowMs = 0): PeerAddress[] => slots.next(nowMs, always);

describe('whom to dial', () => {
  it('is who was named, once', () => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.learn(INFO_HASH, at(1));
    expect(next()).toEqual([at(1)]);
    expect(next()).toEqual([]);
  });

  it('is nobody of a swarm that needs no peers', () => {
    slots.learn(INFO_HASH, at(1));
    slots.learn(OTHER_HASH, at(2));
    expect(slots.next(0, (infoHash) => infoHash === OTHER_HASH)).toEqual([at(2)]);
  });

  it('keeps to the dials at once', () => {
    for (let n = 0; n <= LIMITS.dialsAtOnce; n++) slots.learn(INFO_HASH, at(n));
    expect(next()).toHaveLength(LIMITS.dialsAtOnce);
    expect(next()).toEqual([]);
    slots.linked(at(0), anne);
    expect(next()).toEqual([at(LIMITS.dialsAtOnce)]);
  });

  it('keeps to the links at once', () => {
    for (let n = 0; n <= LIMITS.links; n++) slots.learn(INFO_HASH, at(n));
    for (let n = 0; n < LIMITS.links; n++) {
      expect(next().length, `with ${String(n)} links`).toBeGreaterThan(n === 0 ? 1 : -1);
      slots.linked(at(n), aPeerId(n));
    }
    expect(next()).toEqual([]);
    slots.closed(aPeerId(0), 0);
    expect(next()).toEqual([at(LIMITS.links)]);
  });
});

describe('a peer with several addresses', () => {
  beforeEach(() => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.learn(INFO_HASH, at(2), anne);
  });

  it('is dialled at all of them', () => {
    expect(next()).toEqual([at(1), at(2)]);
  });

  it('is dialled at none while a link to it stands', () => {
    expect(slots.next(0, always, (peerId) => peerId === anne)).toEqual([]);
    expect(next()).toEqual([at(1), at(2)]);
  });

  it('counts as one link', () => {
    for (let n = 0; n < LIMITS.links - 1; n++) {
      slots.learn(INFO_HASH, at(n + 10));
      slots.linked(at(n + 10), aPeerId(n + 10));
    }
    next();
    slots.linked(at(1), anne);
    slots.linked(at(2), anne);
    slots.closed(aPeerId(10), 0);
    expect(next(1_000)).toEqual([at(10)]);
  });

  it('rests at the address that failed, and at no other', () => {
    next();
    slots.failed(at(1), 0);
    slots.linked(at(2), anne);
    slots.closed(anne, 0);
    slots.learn(INFO_HASH, at(2), anne);
    expect(next()).toEqual([at(2)]);
  });

  it('is banned at all of them', () => {
    slots.ban(anne, at(1));
    expect(next()).toEqual([]);
    slots.learn(INFO_HASH, at(2), bert);
    expect(next()).toEqual([at(2)]);
  });
});

describe('a peer that came in', () => {
  it('is at the address where it says it is', () => {
    slots.learn(INFO_HASH, at(1));
    slots.cameIn(at(1), anne);
    expect(next()).toEqual([]);
  });

  it('is not where we know of another', () => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.cameIn(at(1), bert);
    expect(next()).toEqual([at(1)]);
    expect(slots.peerAt(at(1))).toBe(anne);
  });
});

describe('whom a tracker wants us to dial', () => {
  const never = (): boolean => false;

  it('is dialled though we want nothing, and kept to the dials at once', () => {
    for (let n = 0; n <= LIMITS.dialsAtOnce; n++) slots.ask(INFO_HASH, at(n), aPeerId(n));
    expect(slots.next(0, never)).toHaveLength(LIMITS.dialsAtOnce);
    expect(slots.next(0, never)).toEqual([]);
  });

  it('rests after a failure, however often we are asked', () => {
    slots.ask(INFO_HASH, at(1), anne);
    slots.next(0, never);
    slots.failed(at(1), 0);
    slots.ask(INFO_HASH, at(1), anne);
    expect(slots.next(999, never)).toEqual([]);
    expect(slots.next(1_000, never)).toEqual([at(1)]);
  });

  it('is given up after five failures', () => {
    slots.ask(INFO_HASH, at(1), anne);
    for (let nowMs = 0; nowMs < 300_000; nowMs += 60_000) {
      expect(slots.next(nowMs, never)).toEqual([at(1)]);
      slots.failed(at(1), nowMs);
    }
    expect(slots.next(1_000_000, never)).toEqual([]);
  });

  it('is nobody that is banned, or that left the swarm', () => {
    slots.ban(anne);
    slots.ask(INFO_HASH, at(1), anne);
    slots.ask(INFO_HASH, at(2), bert);
    slots.forget(INFO_HASH, bert);
    expect(slots.next(0, never)).toEqual([]);
  });
});

it('no more are dialled in a minute than the limit says, however many are named and however fast they fail', () => {
  let dialled = 0;
  for (let n = 0; n < 5_000; n++) {
    slots.ask(INFO_HASH, at(n), aPeerId(n));
    for (const address of slots.next(n, always)) {
      dialled++;
      slots.failed(address, n);
    }
  }
  expect(dialled).toBe(LIMITS.dialsPerMinute);
  expect(slots.next(60_000, always)).not.toEqual([]);
});

describe('after a failure', () => {
  beforeEach(() => {
    slots.learn(INFO_HASH, at(1), anne);
    next();
  });

  it('an address rests, up to twice as long each time, but never more than a minute', () => {
    let nowMs = 0;
    const restsMs = Array.from({ length: 9 }, () => {
      slots.failed(at(1), nowMs);
      let restMs = 0;
      while (next(nowMs + restMs).length === 0) restMs += 250;
      nowMs += restMs;
      return restMs;
    });
    expect(restsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('chance decides how long of that', () => {
    chance = 0.25;
    slots.failed(at(1), 0);
    expect(next(249)).toEqual([]);
    expect(next(250)).toEqual([at(1)]);
  });

  it('an address is dialled at once when it is named again', () => {
    slots.failed(at(1), 0);
    slots.learn(INFO_HASH, at(1));
    expect(next(1)).toEqual([at(1)]);
  });

  it('a link that stood makes up for failures', () => {
    slots.failed(at(1), 0);
    next(1_000);
    slots.linked(at(1), anne);
    slots.closed(anne, 1_000);
    expect(next(1_999)).toEqual([]);
    expect(next(2_000)).toEqual([at(1)]);
  });

  it('a dial goes on though another link to the same peer closes', () => {
    slots.closed(anne, 0);
    expect(next(100_000)).toEqual([]);
    slots.linked(at(1), anne);
    expect(slots.unlinked()).toEqual([]);
  });

  it('nothing changes for an address that is linked meanwhile', () => {
    slots.linked(at(1), anne);
    slots.failed(at(1), 0);
    expect(next(100_000)).toEqual([]);
    expect(slots.unlinked()).toEqual([]);
  });
});

describe('what is forgotten', () => {
  it('is a peer that left the swarm', () => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.learn(INFO_HASH, at(2), bert);
    slots.forget(INFO_HASH, anne);
    expect(next()).toEqual([at(2)]);
    expect(slots.unlinked()).toEqual([at(2)]);
  });

  it('is not a peer that is in another swarm still', () => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.learn(OTHER_HASH, at(1), anne);
    slots.forget(INFO_HASH, anne);
    expect(slots.swarmsAt(at(1))).toEqual([OTHER_HASH]);
    slots.forgetSwarm(OTHER_HASH);
    expect(slots.swarmsAt(at(1))).toEqual([]);
    expect(slots.unlinked()).toEqual([]);
  });

  it('is an address without a swarm, as soon as its dial or link has ended', () => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.learn(INFO_HASH, at(2), bert);
    next();
    slots.linked(at(2), bert);
    slots.forgetSwarm(INFO_HASH);
    slots.failed(at(1), 0);
    slots.closed(bert, 0);
    expect(slots.unlinked()).toEqual([]);
  });

  it('is the longest known when there are more than may be remembered', () => {
    for (let n = 0; n < LIMITS.knownPeersPerSwarm; n++) slots.learn(INFO_HASH, at(n));
    expect(slots.swarmsAt(at(0))).toEqual([INFO_HASH]);
    slots.learn(INFO_HASH, at(LIMITS.knownPeersPerSwarm));
    expect(slots.swarmsAt(at(0))).toEqual([]);
    expect(slots.swarmsAt(at(1))).toEqual([INFO_HASH]);
    expect(slots.unlinked()).toHaveLength(LIMITS.knownPeersPerSwarm);
  });
});

describe('a banned peer', () => {
  it('is not dialled, at its address or another', () => {
    slots.learn(INFO_HASH, at(1), anne);
    slots.ban(anne, at(1));
    slots.learn(INFO_HASH, at(1));
    slots.learn(INFO_HASH, at(2), anne);
    expect(next()).toEqual([]);
    expect([slots.isBanned(anne), slots.isBanned(bert)]).toEqual([true, false]);
  });

  it('is known though its address is not', () => {
    slots.ban(anne);
    expect(slots.isBanned(anne)).toBe(true);
  });
});

it('lists the addresses without a link', () => {
  for (const n of [1, 2, 3]) slots.learn(INFO_HASH, at(n));
  next();
  slots.linked(at(2), bert);
  slots.linked(at(9), anne);
  expect(slots.unlinked()).toEqual([at(1), at(3)]);
});
