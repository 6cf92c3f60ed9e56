import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { peerId } from '../desk-world.ts';
import { FleetWorld, LENGTH, OVERVIEW } from './fleet-world.ts';

const SECOND = 1_000;

describe('reports', () => {
  it('are not kept while nobody looks, nor after the last page has gone', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const agent = await world.agent(1, [share]);
    agent.says({ infoHash: share });
    expect(world.fleet.reports.get(share, agent.peerId)).toBeUndefined();
    const page = await world.page(OVERVIEW);
    await world.pass(SECOND);
    agent.says({ infoHash: share });
    expect(world.fleet.reports.get(share, agent.peerId)).toMatchObject({ left: LENGTH / 2 });
    world.fleet.leave(page);
    await world.pass(SECOND);
    expect(world.fleet.reports.get(share, agent.peerId)).toBeUndefined();
    expect(world.fleet.reports.totals).toEqual({ receivedBytesPerSecond: 0, sentBytesPerSecond: 0 });
  });

  it('of swarms that the agent did not enter are passed over', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const agent = await world.agent(1);
    await world.page(OVERVIEW);
    await world.pass(SECOND);
    agent.says({ infoHash: share });
    expect(world.fleet.reports.get(share, agent.peerId)).toBeUndefined();
  });

  it.each([
    ['leaves the swarm', 'leave'],
    ['is gone', 'close'],
    ['comes back with a newer session', 'replace'],
  ] as const)('are forgotten when the agent %s', async (_what, how) => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const agent = await world.agent(1, [share]);
    await world.page(OVERVIEW);
    await world.pass(SECOND);
    agent.says({ infoHash: share });
    expect(world.fleet.reports.totals.receivedBytesPerSecond).toBe(1_000);
    if (how === 'leave') agent.fleet.leave([share]);
    else if (how === 'close') agent.fleet.close();
    else await world.agent(1, [share]);
    expect(world.fleet.reports.totals.receivedBytesPerSecond).toBe(0);
  });

  it('of one that exaggerates leave the sums what they are, and nothing behind', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const [honest, liar] = [await world.agent(1, [share]), await world.agent(2, [share])];
    const page = await world.page(OVERVIEW);
    await world.pass(SECOND);
    honest.says({ infoHash: share, receivedBytesPerSecond: 1_000, left: 5 });
    liar.says({ infoHash: share, receivedBytesPerSecond: 1e308, sentBytesPerSecond: 1e308, left: 2 ** 53 - 1 });
    page.take();
    await world.pass(SECOND);
    const [told] = page.takeOf('overview');
    expect(told?.totals.receivedBytesPerSecond).toBe(1_000 + 64 * 2 ** 30);
    expect(told?.shares[0]?.left).toBe(5 + LIMITS.pieces * LIMITS.maxPieceBytes);
    liar.says({ infoHash: share, receivedBytesPerSecond: 0, sentBytesPerSecond: 0, left: 7 });
    await world.pass(SECOND);
    const [later] = page.takeOf('overview');
    expect(later?.totals).toMatchObject({ receivedBytesPerSecond: 1_000, sentBytesPerSecond: 10 });
    expect(later?.shares[0]?.left).toBe(12);
  });

  it('do not make a leecher of a seeder, nor the other way', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const [leecher, seeder] = [await world.agent(1, [share], 5), await world.agent(2, [share], 0)];
    await world.page(OVERVIEW);
    await world.pass(SECOND);
    leecher.says({ infoHash: share, left: 0 });
    seeder.says({ infoHash: share, left: 9 });
    expect(world.registry.counts(share)).toEqual({ seeders: 1, leechers: 1 });
    expect(world.registry.leftIn(share)).toBe(5);
  });

  it('of a session that was replaced have no say', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const older = await world.agent(1, [share]);
    const newer = await world.agent(1, [share]);
    await world.page(OVERVIEW);
    await world.pass(SECOND);
    older.says({ infoHash: share, receivedBytesPerSecond: 7 });
    newer.says({ infoHash: share, receivedBytesPerSecond: 8 });
    older.fleet.close();
    expect(world.fleet.reports.totals.receivedBytesPerSecond).toBe(8);
    expect(world.fleet.namingOf(peerId(1)).name).toBe('web-1');
  });
});
