import { ShoalError, type SwarmMember } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DialledAgents, type DialledAgent, type DialParts } from '../../src/download/dialled-agents.ts';
import type { Probe } from '../../src/download/probe.ts';
import { FakeClock } from './fake-clock.ts';
import { aMember, FakeNetwork, idOf, settle } from './fake-network.ts';
import { sampleShare } from './sample-share.ts';

const share = sampleShare([100]);
const HTTP = { protocol: 'http:', hostname: 'tracker', origin: 'http://tracker:8000' };

let network: FakeNetwork;
let clock: FakeClock;
let live: DialledAgent[];
let gone: number;

beforeEach(() => {
  network = new FakeNetwork(share);
  clock = new FakeClock();
  live = [];
  gone = 0;
});

function dial(members: readonly SwarmMember[], changes: Partial<DialParts> = {}): DialledAgents {
  const agents = new DialledAgents(
    {
      ...{ infoHash: share.metainfo.infoHash, ownId: idOf('page'), place: HTTP, clock, random: () => 0.5 },
      openSocket: network.open,
      probe: () => Promise.resolve('silent'),
      ...changes,
    },
    {
      onLive: (agent) => live.push(agent),
      onMessage: () => undefined,
      onBlock: () => undefined,
      onGone: () => gone++,
    },
  );
  agents.know(members);
  return agents;
}

const troublesOf = (agents: DialledAgents): string[] =>
  agents.troubles.map(({ name, error: { code, message } }) => `${name}: ${code}: ${message}`);

it('links to those that others reach, and to no more than six', async () => {
  const members = Array.from({ length: 8 }, (_, index) => network.add(`agent-${index}`));
  const agents = dial([aMember('hidden', { port: 0 }), ...members]);
  await settle();
  expect([network.dialled.length, agents.liveCount]).toEqual([6, 6]);
});

it('prefers those that lack least', () => {
  const leechers = Array.from({ length: 6 }, (_, index) => network.add(`leecher-${index}`, {}, { left: 1 + index }));
  dial([...leechers, network.add('seeder')]);
  expect(network.dialled).toContain('ws://192.0.2.1:7006/v1/peer');
  expect(network.dialled).not.toContain('ws://192.0.2.1:7005/v1/peer');
});

it('dials the tracker’s loopback where the page came from, and writes IPv6 in brackets', () => {
  dial([aMember('a', { host: '127.0.0.1' }), aMember('b', { host: '::1' }), aMember('c', { host: '2001:db8::1' })]);
  expect(network.dialled.sort()).toEqual([
    'ws://[2001:db8::1]:7000/v1/peer',
    'ws://tracker:7000/v1/peer',
    'ws://tracker:7000/v1/peer',
  ]);
});

it('links to whom it hears of later, when a place is free', async () => {
  const agents = dial([]);
  expect([agents.isHopeless, network.dialled]).toEqual([false, []]);
  agents.know([network.add('late')]);
  await settle();
  expect(live.map(({ name }) => name)).toEqual(['late']);
});

it('tells when a live link has ended, and dials again after a pause that grows', async () => {
  const agents = dial([network.add('agent')]);
  await settle();
  network.visits[0]!.breakOff();
  expect([gone, agents.liveCount, network.dialled.length]).toEqual([1, 0, 1]);
  clock.pass(700);
  agents.tick();
  expect(network.dialled).toHaveLength(1);
  clock.pass(100);
  agents.tick();
  await settle();
  expect(live).toHaveLength(2);
});

it('gives an agent up after five failures in a row', async () => {
  const agents = dial([aMember('dead')]);
  for (let minute = 0; minute < 10; minute++) {
    await settle();
    clock.pass(60_000);
    agents.tick();
  }
  expect([network.dialled.length, agents.isHopeless]).toEqual([5, true]);
});

it('never links again to one that was banned', async () => {
  const agents = dial([network.add('bad')]);
  await settle();
  live[0]!.ban(new ShoalError('bad-piece', 'piece 0 fails its SHA-256'));
  expect(network.visits[0]!.heard.at(-1)).toMatchObject({ kind: 'bye', code: 'bad-piece' });
  await settle();
  clock.pass(600_000);
  agents.tick();
  expect([network.dialled.length, agents.isHopeless, gone]).toEqual([1, true, 1]);
  expect(troublesOf(agents)).toEqual(['bad: bad-piece: piece 0 fails its SHA-256']);
});

it('does not forget who was banned when the tracker does', async () => {
  const bad = network.add('bad');
  const agents = dial([bad]);
  await settle();
  live[0]!.ban(new ShoalError('bad-piece', 'piece 0 fails its SHA-256'));
  agents.know([]);
  clock.pass(600_000);
  agents.know([bad]);
  expect(network.dialled).toHaveLength(1);
});

it('tries anew one that is at another address now', async () => {
  const agents = dial([aMember('moved')]);
  for (let minute = 0; minute < 6; minute++) {
    await settle();
    clock.pass(60_000);
    agents.tick();
  }
  agents.know([network.add('moved', {}, { port: 7001 })]);
  await settle();
  expect([network.dialled.length, live.length]).toEqual([6, 1]);
});

it('dials nobody any more when it has stopped', async () => {
  const agents = dial([network.add('agent')]);
  await settle();
  agents.stop();
  await settle();
  expect(network.visits[0]!.heard.at(-1)).toMatchObject({ kind: 'bye', code: 'idle' });
  clock.pass(60_000);
  agents.tick();
  expect(network.dialled).toHaveLength(1);
});

describe('explains', () => {
  it('an agent that answers there and takes no link: which origin, and what to set', async () => {
    const asked: string[] = [];
    const probe = (url: string): Promise<Probe> => {
      asked.push(url);
      return Promise.resolve('answers');
    };
    const agents = dial([aMember('build-1')], { probe });
    await settle();
    expect(asked).toEqual(['http://192.0.2.1:7000/v1/peer']);
    expect(troublesOf(agents)).toEqual([
      expect.stringMatching(/^build-1: forbidden-origin: .*--page-origin http:\/\/tracker:8000$/),
    ]);
  });

  it('that it may be either, where the page may not even ask', async () => {
    const agents = dial([aMember('build-1')], { probe: () => Promise.resolve('unknown') });
    await settle();
    expect(troublesOf(agents)).toEqual([expect.stringMatching(/either .* or .*--page-origin http:\/\/tracker:8000$/)]);
  });

  it('an agent that does not answer', async () => {
    const agents = dial([aMember('build-1')]);
    await settle();
    expect(troublesOf(agents)).toEqual([expect.stringContaining('nothing answers at 192.0.2.1:7000')]);
  });

  it('that a page over https may open no link to another machine, and does not try', () => {
    const agents = dial([aMember('build-1')], { place: { ...HTTP, protocol: 'https:' } });
    expect([network.dialled, agents.isHopeless]).toEqual([[], true]);
    expect(troublesOf(agents)).toEqual([expect.stringContaining('this page came over https')]);
  });

  it('a browser that does not let a page dial there', () => {
    const openSocket = (): never => {
      throw new Error('SecurityError');
    };
    const agents = dial([aMember('build-1')], { openSocket });
    expect(troublesOf(agents)).toEqual([expect.stringContaining('does not let a page dial it')]);
  });

  it('nothing any more when the link stands', async () => {
    const member = network.add('agent', { says: { kind: 'bye', code: 'too-many-links', message: 'full' } });
    const agents = dial([member]);
    await settle();
    expect(troublesOf(agents)).toEqual([expect.stringContaining('too-many-links')]);
    network.add('agent', {}, { port: member.port });
    clock.pass(1_000);
    agents.tick();
    await settle();
    expect(troublesOf(agents)).toEqual([]);
  });
});
