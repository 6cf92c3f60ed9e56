import { beforeEach, describe, expect, it } from 'vitest';
import { describeTransport, SimNetwork, SimWorld, type HostOptions, type SimHost } from '@shoal/engine/testing';
import { LIMITS } from '@shoal/protocol';
import type { Link } from '../../src/shell/ports.ts';

const LINE: HostOptions = { upBytesPerSecond: 1_000_000, downBytesPerSecond: 10_000_000, latencyMs: 5 };

let world: SimWorld;
let network: SimNetwork;
beforeEach(() => {
  world = new SimWorld(1);
  network = new SimNetwork(world);
});

/** Lets virtual time pass until a promise settles. */
async function run<T>(pending: Promise<T>): Promise<T> {
  let isSettled = false;
  void pending.finally(() => (isSettled = true)).catch(() => undefined);
  await world.run(() => isSettled, world.nowMs + 3_600_000);
  return pending;
}

describeTransport('a simulated host', () => {
  world = new SimWorld(1);
  network = new SimNetwork(world);
  const [listener, dialler] = [network.addHost(LINE), network.addHost(LINE)];
  return Promise.resolve({
    listener: listener.transport,
    dialler: dialler.transport,
    host: listener.name,
    deadPort: 1,
    run,
  });
});

/** Links two hosts; returns the end of the first, and when frames arrive at the second. */
async function connect(from: SimHost, to: SimHost): Promise<{ link: Link; arrivals: number[]; closes: number[] }> {
  const [arrivals, closes]: number[][] = [[], []];
  const note = (): void => {
    arrivals!.push(world.nowMs);
  };
  await to.transport.listen((link) => {
    const onClose = (): void => {
      closes!.push(world.nowMs);
    };
    link.receive({ onText: note, onBinary: note, onTooLarge: () => undefined, onDrain: () => undefined, onClose });
  });
  const link = await run(from.transport.dial(to.address));
  return { link, arrivals: arrivals!, closes: closes! };
}

const pass = (ms: number): Promise<boolean> => world.run(() => false, world.nowMs + ms);

describe('a frame', () => {
  it('arrives after the latency of both ends and the time that its bytes take on the way up', async () => {
    const [from, to] = [network.addHost(LINE), network.addHost({ ...LINE, latencyMs: 30 })];
    const { link, arrivals } = await connect(from, to);
    const startMs = world.nowMs;
    link.sendBinary(new Uint8Array(0), new Uint8Array(100_000));
    await pass(1_000);
    expect(arrivals[0]! - startMs).toBeGreaterThan(100 + 35);
    expect(arrivals[0]! - startMs).toBeLessThan(1.06 * 100 + 35);
  });

  it('waits for the one before it on the same line down, whoever sent that', async () => {
    const slow = network.addHost({ ...LINE, downBytesPerSecond: 100_000 });
    const senders = [network.addHost(LINE), network.addHost(LINE)];
    const first = await connect(senders[0]!, slow);
    const second = await connect(senders[1]!, slow);
    const startMs = world.nowMs;
    for (const { link } of [first, second]) link.sendBinary(new Uint8Array(0), new Uint8Array(50_000));
    await pass(5_000);
    const last = Math.max(...first.arrivals, ...second.arrivals) - startMs;
    expect(last).toBeGreaterThan(500);
  });

  it('from near overtakes one that comes from far', async () => {
    const hub = network.addHost(LINE);
    const far = await connect(network.addHost({ ...LINE, latencyMs: 500 }), hub);
    const near = await connect(network.addHost(LINE), hub);
    const startMs = world.nowMs;
    far.link.sendText('far');
    near.link.sendText('near');
    await pass(5_000);
    expect(near.arrivals[0]! - startMs).toBeLessThan(20);
    expect(far.arrivals[0]! - startMs).toBeGreaterThan(500);
  });
});

describe('an uplink', () => {
  it('is shared by the connections that have something to send, about equally', async () => {
    const from = network.addHost(LINE);
    const one = await connect(from, network.addHost(LINE));
    const two = await connect(from, network.addHost(LINE));
    for (const { link } of [one, two]) {
      for (let block = 0; block < 20; block++) link.sendBinary(new Uint8Array(0), new Uint8Array(50_000));
    }
    await pass(1_000);
    expect(Math.abs(one.arrivals.length - two.arrivals.length)).toBeLessThanOrEqual(1);
    expect(one.arrivals.length + two.arrivals.length).toBeGreaterThan(17);
    expect(from.sentWireBytes).toBeGreaterThan(980_000);
  });

  it('carries headers as well', async () => {
    const [from, to] = [network.addHost(LINE), network.addHost(LINE)];
    const { link } = await connect(from, to);
    link.sendBinary(new Uint8Array(12), new Uint8Array(262_144));
    await pass(1_000);
    expect(from.sentWireBytes / 262_144).toBeCloseTo(1.046, 3);
  });
});

describe('trouble', () => {
  it('a broken connection leaves the uplink to the others', async () => {
    const from = network.addHost(LINE);
    const [dead, alive] = [network.addHost(LINE), network.addHost(LINE)];
    const [lost, kept] = [await connect(from, dead), await connect(from, alive)];
    for (let block = 0; block < 50; block++) lost.link.sendBinary(new Uint8Array(0), new Uint8Array(50_000));
    await pass(100);
    dead.kill();
    await pass(100);
    const startMs = world.nowMs;
    kept.link.sendBinary(new Uint8Array(0), new Uint8Array(50_000));
    await pass(3_000);
    expect(kept.arrivals[0]! - startMs).toBeLessThan(100);
    expect(lost.link.queuedBytes).toBe(0);
  });

  it('a killed host breaks its connections at once and answers nobody', async () => {
    const [from, to] = [network.addHost(LINE), network.addHost(LINE)];
    const { closes } = await connect(from, to);
    from.kill();
    await pass(100);
    expect(closes).toHaveLength(1);
    await expect(run(to.transport.dial(from.address))).rejects.toMatchObject({ code: 'peer-unreachable' });
  });

  it('a cut host is silent, and its connections break when two heartbeats are missed', async () => {
    const [from, to] = [network.addHost(LINE), network.addHost(LINE)];
    const { link, arrivals, closes } = await connect(from, to);
    from.cut();
    link.sendText('unheard');
    await pass(2 * LIMITS.pingMs - 1_000);
    expect([arrivals, closes]).toEqual([[], []]);
    await pass(2_000);
    expect(closes).toHaveLength(1);
  });
});
