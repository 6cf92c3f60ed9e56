import { describe, expect, it } from 'vitest';
import { peerId } from '../desk-world.ts';
import { FleetWorld, LENGTH, OVERVIEW } from './fleet-world.ts';

const SECOND = 1_000;
const IDLE = { kind: 'watch', isLookedAt: false, infoHashes: [] };
const LOOKED_AT = { kind: 'watch', isLookedAt: true, infoHashes: [] };

describe('agents are asked', () => {
  it('for little when nobody looks, for much when the first page comes, and for little when the last goes', async () => {
    const world = new FleetWorld();
    const agent = await world.agent(1);
    expect(agent.asked).toEqual([IDLE]);
    const [one, other] = [await world.page(OVERVIEW), await world.page(OVERVIEW)];
    await world.pass(SECOND);
    expect(agent.asked).toEqual([IDLE, LOOKED_AT]);
    world.fleet.leave(one);
    await world.pass(SECOND);
    expect(agent.asked).toHaveLength(2);
    world.fleet.leave(other);
    await world.pass(SECOND);
    expect(agent.asked).toEqual([IDLE, LOOKED_AT, IDLE]);
    expect(world.ticks).toEqual([]);
  });

  it('at once when they come while somebody looks', async () => {
    const world = new FleetWorld();
    await world.page(OVERVIEW);
    await world.pass(SECOND);
    expect((await world.agent(1)).asked).toEqual([LOOKED_AT]);
  });

  it('for the pieces of shares at which somebody looks, if they are in their swarms', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const [inside, outside] = [await world.agent(1, [share]), await world.agent(2)];
    const page = await world.page({ at: 'share', infoHash: share });
    await world.pass(SECOND);
    expect(inside.asked.at(-1)).toEqual({ ...LOOKED_AT, infoHashes: [share] });
    expect(outside.asked.at(-1)).toEqual(LOOKED_AT);
    outside.desk.session.announce([{ infoHash: share, left: 5 }]);
    await world.pass(2 * SECOND);
    expect(outside.asked.at(-1)).toEqual({ ...LOOKED_AT, infoHashes: [share] });
    world.fleet.look(page, OVERVIEW);
    await world.pass(SECOND);
    expect(inside.asked.at(-1)).toEqual(LOOKED_AT);
  });

  it('no more often than twice a second, however often pages come and go', async () => {
    const world = new FleetWorld();
    const agent = await world.agent(1);
    for (let round = 0; round < 40; round++) {
      const page = await world.page(OVERVIEW);
      await world.pass(250);
      world.fleet.leave(page);
      await world.pass(250);
    }
    expect(agent.asked.length).toBeLessThanOrEqual(1 + 2 * 20);
  });
});

it('machines of one name are told apart by their peer ids, as long as there are two', () => {
  const world = new FleetWorld();
  const naming = { name: 'laptop', agent: 'shoal/test' };
  const enter = (n: number) => world.fleet.enter(peerId(n), naming, () => undefined);
  enter(1);
  expect(world.fleet.namingOf(peerId(1)).name).toBe('laptop');
  const second = enter(2);
  const name = (n: number): string => `laptop (${peerId(n).slice(0, 6)})`;
  expect([1, 2].map((n) => world.fleet.namingOf(peerId(n)).name)).toEqual([name(1), name(2)]);
  second.close();
  expect(world.fleet.namingOf(peerId(1)).name).toBe('laptop');
  enter(1);
  expect(world.fleet.namingOf(peerId(1))).toEqual(naming);
  world.fleet.enter(peerId(3), { name: '', agent: '' }, () => undefined);
  world.fleet.enter(peerId(4), { name: '', agent: '' }, () => undefined);
  expect(world.fleet.namingOf(peerId(3)).name).toBe('');
});

it('one view is told after the other, and whoever announces meanwhile has a turn between', async () => {
  const world = new FleetWorld();
  const pages = [await world.page(OVERVIEW), await world.page({ at: 'overview', query: 'film' })];
  await world.pass(SECOND);
  await world.agent(1);
  for (const page of pages) page.take();
  world.now += SECOND;
  world.ticks.splice(0).forEach((tick) => {
    tick();
  });
  expect(pages.map((page) => page.take().length)).toEqual([1, 0]);
  world.takeTurns();
  expect(pages.map((page) => page.take().length)).toEqual([0, 1]);
});

describe('the overview', () => {
  it('is told at once, and again when something has changed', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const page = await world.page(OVERVIEW);
    const [picture] = page.takeOf('overview');
    expect(picture).toMatchObject({ query: '', hasMore: false, totals: { shares: 1, machines: 0 } });
    expect(picture?.shares).toMatchObject([{ infoHash: share, seeders: 0, leechers: 0, left: 0 }]);
    await world.pass(3 * SECOND);
    expect(page.take()).toEqual([]);
    await world.agent(1, [share]);
    await world.pass(SECOND);
    const [later] = page.takeOf('overview');
    expect(later?.shares).toMatchObject([{ leechers: 1, left: LENGTH }]);
    expect(later?.totals.machines).toBe(1);
  });

  it('has sums of what agents report, at most once a second', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const agents = [await world.agent(1, [share]), await world.agent(2, [share])];
    const page = await world.page(OVERVIEW);
    await world.pass(SECOND);
    page.take();
    for (let round = 0; round < 8; round++) {
      for (const agent of agents) agent.says({ infoHash: share, left: 100 - round, receivedBytesPerSecond: round });
      await world.pass(250);
    }
    const told = page.takeOf('overview');
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told.at(-1)?.shares).toMatchObject([{ left: 2 * 93, receivedBytesPerSecond: 14 }]);
    expect(told.at(-1)?.totals).toMatchObject({ receivedBytesPerSecond: 14, sentBytesPerSecond: 20 });
    expect(told.at(-1)?.throughput.at(-1)).toBe(14);
  });

  it('shows a share that was registered meanwhile', async () => {
    const world = new FleetWorld();
    const page = await world.page({ at: 'overview', query: 'fil' });
    expect(page.takeOf('overview')[0]?.shares).toEqual([]);
    await world.register('film');
    await world.register('photos');
    await world.pass(2 * SECOND);
    expect(
      page
        .takeOf('overview')
        .at(-1)
        ?.shares.map(({ name }) => name),
    ).toEqual(['film']);
  });

  it('says when more match than it lists', async () => {
    const world = new FleetWorld();
    for (let n = 0; n <= 100; n++) await world.register(`film ${String(n)}`);
    const [picture] = (await world.page(OVERVIEW)).takeOf('overview');
    expect([picture?.shares.length, picture?.hasMore, picture?.totals.shares]).toEqual([100, true, 101]);
  });

  it('passes a page over that does not read, and then tells it how things are', async () => {
    const world = new FleetWorld();
    const share = await world.register('film');
    const page = await world.page(OVERVIEW);
    page.take();
    page.isFull = true;
    await world.agent(1, [share]);
    await world.pass(5 * SECOND);
    page.isFull = false;
    await world.pass(SECOND);
    expect(page.takeOf('overview')).toHaveLength(1);
  });

  it('says that it cannot look when the catalogue does not answer, and goes on when it does', async () => {
    const world = new FleetWorld();
    const search = world.catalogue.search.bind(world.catalogue);
    world.catalogue.search = () => Promise.reject(new Error('the disk says /secret/path'));
    const page = await world.page(OVERVIEW);
    expect(page.take()).toEqual([
      { kind: 'error', code: 'internal', message: expect.not.stringContaining('secret') as string },
    ]);
    expect(world.failures).toHaveLength(1);
    world.catalogue.search = search;
    await world.pass(2 * SECOND);
    expect(page.takeOf('overview')).toHaveLength(1);
  });
});

describe('a machine', () => {
  it('is shown with what it holds and what it said last', async () => {
    const world = new FleetWorld();
    const [film, photos] = [await world.register('film'), await world.register('photos')];
    const agent = await world.agent(1, [film, photos]);
    const page = await world.page({ at: 'machine', peerId: agent.peerId });
    await world.pass(SECOND);
    page.take();
    world.now = 10 * SECOND;
    const problem = { code: 'disk-full', message: 'no room in /data', hint: 'make room' };
    agent.says({ infoHash: film, problem, state: 'failed' });
    await world.pass(SECOND);
    const [picture] = page.takeOf('machine');
    expect(picture?.machine).toEqual({
      peerId: agent.peerId,
      name: 'web-1',
      agent: 'shoal/test',
      host: '10.0.0.1',
      port: 4_001,
    });
    expect(picture?.holdings).toMatchObject([
      { infoHash: film, name: 'film', length: LENGTH, state: 'failed', problem },
      { infoHash: photos, name: 'photos', state: 'downloading', left: LENGTH, receivedBytesPerSecond: 0 },
    ]);
    expect(picture?.lastWords).toEqual([
      { at: '1970-01-01T00:00:10.000Z', code: 'disk-full', message: 'no room in /data' },
    ]);
  });

  it('that nobody knows is missing until it comes', async () => {
    const world = new FleetWorld();
    const page = await world.page({ at: 'machine', peerId: peerId(1) });
    expect(page.take()).toEqual([{ kind: 'missing' }]);
    await world.agent(1);
    await world.pass(SECOND);
    expect(page.takeOf('machine')).toMatchObject([{ machine: { name: 'web-1' }, holdings: [] }]);
  });

  it('is remembered for what it said though nobody looked, and forgets that no problem was told again', async () => {
    const world = new FleetWorld();
    const film = await world.register('film');
    const agent = await world.agent(1, [film]);
    const problem = { code: 'disk-full', message: 'no room', hint: '' };
    agent.says({ infoHash: film, problem });
    world.now = 60 * SECOND;
    const page = await world.page({ at: 'machine', peerId: agent.peerId });
    expect(page.takeOf('machine')[0]?.lastWords).toMatchObject([{ at: '1970-01-01T00:00:00.000Z' }]);
    await world.pass(SECOND);
    for (let round = 0; round < 3; round++) {
      agent.says({ infoHash: film, problem, left: round });
      await world.pass(SECOND);
    }
    expect(page.takeOf('machine').at(-1)?.lastWords).toMatchObject([{ at: '1970-01-01T00:01:01.000Z' }]);
  });
});
