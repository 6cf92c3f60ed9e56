import { beforeEach, describe, expect, it } from 'vitest';
import { SimNetwork, SimWorld, type HostOptions, type SimHost } from '@shoal/engine/testing';
import { LIMITS } from '@shoal/protocol';
import type { Link } from '../../src/shell/ports.ts';

const LINE: HostOptions = { upBytesPerSecond: 1_000_000, downBytesPerSecond: 10_000_000, latencyMs: 5 };

let world: SimWorld;
let network: SimNetwork;
let from: SimHost;
let to: SimHost;
let link: Link;
let arrivals: [text: string, atMs: number][];
let closes: number[];
beforeEach(async () => {
  world = new SimWorld(1);
  network = new SimNetwork(world);
  [from, to] = [network.addHost(LINE), network.addHost(LINE)];
  [arrivals, closes] = [[], []];
  await to.transport.listen((accepted) => {
    accepted.receive({
      onText: (text) => arrivals.push([text, Math.round(world.nowMs)]),
      onBinary: () => undefined,
      onTooLarge: () => undefined,
      onDrain: () => undefined,
      onClose: () => closes.push(world.nowMs),
    });
  });
  const dialled = from.transport.dial(to.address);
  await pass(100);
  link = await dialled;
});

const pass = (ms: number): Promise<boolean> => world.run(() => false, world.nowMs + ms);
const texts = (): string[] => arrivals.map(([text]) => text);

describe('a partition', () => {
  it('holds what is sent across until it heals, in its order', async () => {
    network.part([from]);
    for (const text of ['one', 'two']) link.sendText(text);
    await pass(1_000);
    expect(texts()).toEqual([]);
    network.heal();
    link.sendText('three');
    await pass(100);
    expect(texts()).toEqual(['one', 'two', 'three']);
  });

  it('breaks connections across it when two heartbeats are missed, and no others', async () => {
    network.part([from, to]);
    await pass(2 * LIMITS.pingMs + 1_000);
    expect(closes).toEqual([]);
    network.heal();
    network.part([from]);
    await pass(2 * LIMITS.pingMs - 1_000);
    expect(closes).toEqual([]);
    await pass(2_000);
    expect(closes).toHaveLength(1);
  });

  it('lets no dial across through', async () => {
    network.part([from]);
    const dial = expect(from.transport.dial(to.address)).rejects.toMatchObject({ code: 'peer-unreachable' });
    await pass(LIMITS.dialMs);
    await dial;
  });

  it('stays where a machine is put in the place of another', () => {
    network.part([from]);
    expect(network.addHost(LINE, from.name).line.place.isParted).toBe(true);
    network.heal();
    expect(network.addHost(LINE, from.name).line.place.isParted).toBe(false);
  });
});

describe('a program that stands still', () => {
  it('hears what came meanwhile when it goes on, all at once and in its order', async () => {
    to.standStill('stopped', 10_000);
    for (const text of ['one', 'two']) link.sendText(text);
    await pass(9_000);
    expect(texts()).toEqual([]);
    await pass(1_000);
    expect(arrivals).toEqual([
      ['one', 10_100],
      ['two', 10_100],
    ]);
  });

  it.each([
    ['stopped', 'has its timers late, and sees that time has passed', [10_100, 10_100]],
    ['suspended', 'has its timers later by as much, and sees no time pass', [11_100, 1_100]],
  ] as const)('%s %s', async (kind, _what, expected) => {
    const fired: number[] = [];
    to.clock.setTimer(1_000, () => fired.push(world.nowMs, to.clock.now()));
    to.standStill(kind, 10_000);
    await pass(20_000);
    expect(fired.map(Math.round)).toEqual(expected);
  });

  it('loses its connections when it does so for two heartbeats', async () => {
    from.standStill('stopped', 2 * LIMITS.pingMs);
    await pass(2 * LIMITS.pingMs - 1_000);
    expect(closes).toEqual([]);
    await pass(2_000);
    expect(closes).toHaveLength(1);
  });

  it('that is dead runs no timer any more', async () => {
    const fired: number[] = [];
    to.clock.setTimer(1_000, () => fired.push(world.nowMs));
    to.kill();
    await pass(5_000);
    expect(fired).toEqual([]);
  });
});
