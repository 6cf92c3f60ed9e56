import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { DeskWorld, infoHash, type TestAgent, type TestClaim } from './desk-world.ts';

/** Hosts at which an agent was told to try another, by push and by `dial`. */
function hostsTold(agent: TestAgent, other: TestAgent): { pushed: string[]; dial: string[] } {
  const pushed = agent.inbox.flatMap((message) => (message.kind === 'peers' ? message.added : []));
  const dial = agent.inbox.flatMap((message) => (message.kind === 'dial' ? [message.peer] : []));
  const hosts = (peers: typeof pushed) => peers.filter(({ peerId }) => peerId === other.peerId).map(({ host }) => host);
  return { pushed: hosts(pushed), dial: hosts(dial) };
}

/** A seeder and then a leecher enter; what each was told of the other. */
async function meeting(seederClaim: TestClaim, leecherClaim: TestClaim) {
  const world = new DeskWorld();
  const seeder = await world.enter(1, 0, seederClaim);
  const leecher = await world.enter(2, 10, leecherClaim);
  return { seeder: hostsTold(seeder, leecher), leecher: hostsTold(leecher, seeder) };
}

describe('a private address', () => {
  it('is sure for who comes from the same network', async () => {
    const told = await meeting({ source: '192.168.1.5' }, { source: '192.168.1.6' });
    expect(told).toEqual({ leecher: { pushed: ['192.168.1.5'], dial: [] }, seeder: { pushed: [], dial: [] } });
  });

  it.each([
    ['another private network', '192.168.1.6'],
    ['the Internet', '198.51.100.6'],
  ])('may be out of reach for who comes from %s, so the other side dials as well', async (_, source) => {
    const told = await meeting({ source: '172.18.0.3' }, { source });
    expect(told).toEqual({ leecher: { pushed: ['172.18.0.3'], dial: [] }, seeder: { pushed: [], dial: [source] } });
  });

  it('is sure for who is on the machine of the tracker, which reached it from there', async () => {
    const told = await meeting({ source: '172.18.0.3' }, { source: '127.0.0.1' });
    expect(told.leecher.pushed).toEqual(['172.18.0.3']);
    expect(told.seeder.dial).toEqual([]);
  });

  it('is all there is when the other side cannot be dialled', async () => {
    const told = await meeting({ source: '172.18.0.3' }, { source: '198.51.100.6', isReachable: false });
    expect(told).toEqual({ leecher: { pushed: ['172.18.0.3'], dial: [] }, seeder: { pushed: [], dial: [] } });
  });

  it('is in doubt for a leecher that was there first, too', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10, { source: '198.51.100.6' });
    const seeder = await world.enter(2, 0, { source: '172.18.0.3' });
    expect(hostsTold(leecher, seeder).pushed).toEqual(['172.18.0.3']);
    expect(hostsTold(seeder, leecher).dial).toEqual(['198.51.100.6']);
  });

  it('of a name without a domain is in doubt as well', async () => {
    const advertised = { host: 'seeder', port: 4_001 };
    const told = await meeting({ source: '172.18.0.3', advertised }, { source: '172.18.0.4' });
    expect(told).toEqual({
      leecher: { pushed: ['seeder'], dial: [] },
      seeder: { pushed: [], dial: ['172.18.0.4'] },
    });
  });
});

describe('a public address', () => {
  it('is sure', async () => {
    const told = await meeting({ source: '198.51.100.5' }, { source: '192.168.1.6' });
    expect(told).toEqual({ leecher: { pushed: ['198.51.100.5'], dial: [] }, seeder: { pushed: [], dial: [] } });
  });
});

describe('an agent on the machine of the tracker', () => {
  const local = { source: '127.0.0.1' };

  it('may be where others reached the tracker, and dials them as well', async () => {
    const told = await meeting(local, { source: '192.168.1.6', trackerHost: '192.168.1.1' });
    expect(told).toEqual({
      leecher: { pushed: ['192.168.1.1'], dial: [] },
      seeder: { pushed: [], dial: ['192.168.1.6'] },
    });
  });

  it('is for its own machine where it was reached', async () => {
    const told = await meeting(local, { source: '::1', trackerHost: '::1' });
    expect(told).toEqual({ leecher: { pushed: ['127.0.0.1'], dial: [] }, seeder: { pushed: [], dial: [] } });
  });

  it('dials who reached the tracker by a proxy, which is no address of its machine', async () => {
    const told = await meeting(local, { source: '192.168.1.6' });
    expect(told).toEqual({ leecher: { pushed: [], dial: [] }, seeder: { pushed: [], dial: ['192.168.1.6'] } });
  });
});

const NAT = '203.0.113.1';
const behindNat = (localHosts: string[], isReachable = false): TestClaim => ({ source: NAT, isReachable, localHosts });

describe('two that come from one address and cannot be reached', () => {
  it('are both told of each other in the network that they share', async () => {
    const told = await meeting(
      behindNat(['10.9.0.1', '192.168.1.5', 'fd00::5']),
      behindNat(['192.168.1.6', 'fd00::6', '10.8.0.1']),
    );
    expect(told).toEqual({
      leecher: { pushed: ['192.168.1.5', 'fd00::5'], dial: [] },
      seeder: { pushed: [], dial: ['192.168.1.6', 'fd00::6'] },
    });
  });

  it('are told so in whichever order they come', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10, behindNat(['192.168.1.6']));
    const seeder = await world.enter(2, 0, behindNat(['192.168.1.5']));
    expect(hostsTold(leecher, seeder).pushed).toEqual(['192.168.1.5']);
    expect(hostsTold(seeder, leecher).dial).toEqual(['192.168.1.6']);
  });

  it('are told so when both are leechers', async () => {
    const world = new DeskWorld();
    const first = await world.enter(1, 10, behindNat(['192.168.1.6']));
    const second = await world.enter(2, 10, behindNat(['192.168.1.5']));
    expect(hostsTold(first, second).pushed).toEqual(['192.168.1.5']);
    expect(hostsTold(second, first).pushed).toEqual(['192.168.1.6']);
  });

  it('are told of a few of all where no network is common', async () => {
    const hosts = Array.from({ length: LIMITS.localHosts }, (_, n) => `10.${String(n)}.0.1`);
    const { leecher } = await meeting(behindNat(hosts), behindNat(['192.168.1.6']));
    expect(leecher.pushed).toEqual(hosts.slice(0, LIMITS.localHostsHandedOut));
  });

  it('are never told of an address that they have themselves', async () => {
    const told = await meeting(behindNat(['172.17.0.1', '192.168.1.5']), behindNat(['172.17.0.1', '192.168.1.6']));
    expect(told.leecher.pushed).toEqual(['192.168.1.5']);
    expect(told.seeder.dial).toEqual(['192.168.1.6']);
  });

  it('and have that address are one machine, and told of it', async () => {
    const own = { source: '192.168.1.5', isReachable: false, localHosts: ['192.168.1.5', '172.17.0.1'] };
    const told = await meeting(own, own);
    expect(told.leecher.pushed).toEqual(['192.168.1.5']);
  });

  it('have nothing to tell when one accepts no links', async () => {
    const told = await meeting({ ...behindNat(['192.168.1.5']), port: 0 }, behindNat(['192.168.1.6']));
    expect(told.leecher.pushed).toEqual([]);
    expect(told.seeder.dial).toEqual(['192.168.1.6']);
  });

  it('are told anew when one comes back with other addresses', async () => {
    const world = new DeskWorld();
    const leecher = await world.enter(1, 10, behindNat(['192.168.1.6']));
    await world.enter(2, 0, behindNat(['192.168.1.5']));
    const moved = await world.enter(2, 0, behindNat(['192.168.1.55']));
    expect(hostsTold(leecher, moved).pushed).toEqual(['192.168.1.5', '192.168.1.55']);
  });
});

describe('local addresses', () => {
  it('are told to nobody that comes from elsewhere', async () => {
    const told = await meeting(behindNat(['192.168.1.5']), { source: '203.0.113.2', localHosts: ['192.168.1.6'] });
    expect(told.leecher.pushed).toEqual([]);
    expect(told.seeder.dial).toEqual(['203.0.113.2']);
  });

  it('come after the one that the tracker reached, from which a NAT may keep its own side away', async () => {
    const told = await meeting(behindNat(['192.168.1.5'], true), behindNat(['192.168.1.6'], true));
    expect(told.leecher.pushed).toEqual([NAT, '192.168.1.5']);
    expect(told.seeder.dial).toEqual([NAT, '192.168.1.6']);
  });

  it('are not needed where the address that was reached is its own', async () => {
    const open = (source: string): TestClaim => ({ source, localHosts: [source, '10.0.0.1'] });
    const told = await meeting(open('198.51.100.5'), open('198.51.100.5'));
    expect(told.leecher.pushed).toEqual(['198.51.100.5']);
    expect(told.seeder.dial).toEqual([]);
  });
});

it('no more than a hand-out of seeders are told to dial one leecher', async () => {
  const world = new DeskWorld();
  const seeders = [];
  for (let n = 1; n <= LIMITS.handOutPeers + 5; n++) seeders.push(await world.enter(n, 0, { isReachable: false }));
  await world.enter(100, 10);
  expect(seeders.filter((seeder) => seeder.dials().length > 0)).toHaveLength(LIMITS.handOutPeers);
});

it('hidden neighbours are handed out no more than fifty at a time', async () => {
  const world = new DeskWorld();
  const hosts = (n: number) => behindNat([`192.168.1.${String(n)}`]);
  for (let n = 1; n <= LIMITS.handOutPeers + 5; n++) await world.enter(n, 0, hosts(n));
  const leecher = await world.enter(100, 10, hosts(100));
  expect(leecher.known()).toHaveLength(LIMITS.handOutPeers);
  expect(world.registry.counts(infoHash(1)).seeders).toBe(LIMITS.handOutPeers + 5);
});
