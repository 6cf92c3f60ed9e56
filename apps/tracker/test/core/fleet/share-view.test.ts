import { Bitfield, LIMITS, type FromFleet, type InfoHash, type PeerId } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { peerId } from '../desk-world.ts';
import { FleetWorld, LENGTH, PIECE_COUNT, type FleetTestAgent, type TestPage } from './fleet-world.ts';

const SECOND = 1_000;
let world: FleetWorld;
let share: InfoHash;
let agent: FleetTestAgent;

beforeEach(async () => {
  world = new FleetWorld();
  share = await world.register('film');
  agent = await world.agent(1, [share]);
});

async function look(): Promise<TestPage> {
  return world.page({ at: 'share', infoHash: share });
}

function bitsOf(...pieces: number[]): string {
  const field = new Bitfield(PIECE_COUNT);
  for (const piece of pieces) field.add(piece);
  return field.toBase64();
}

type Members = Extract<FromFleet, { kind: 'members' }>;
const changedIn = (messages: readonly Members[]): Members['changed'] => messages.flatMap(({ changed }) => changed);

describe('a share', () => {
  it('is described, and its machines are listed, those that announce by HTTP as well', async () => {
    const announce = { peerId: peerId(2), port: 0, event: 'update' as const, swarms: [{ infoHash: share, left: 0 }] };
    world.desk.announce(announce, '10.0.0.9');
    const page = await look();
    const [head, members] = page.take();
    expect(head).toMatchObject({ kind: 'share', name: 'film', length: LENGTH, pieceLength: 65_536, pieceCount: 20 });
    expect((members as Members).changed).toMatchObject([
      { peerId: peerId(1), name: 'web-1', state: 'downloading', left: LENGTH, host: '10.0.0.1', port: 4_001 },
      { peerId: peerId(2), name: '', agent: '', state: 'seeding', left: 0, receivedBytesPerSecond: 0 },
    ]);
    await world.pass(2 * SECOND);
    expect(page.take()).toEqual([]);
  });

  it('tells that nobody has it, too', async () => {
    agent.desk.session.leave([share]);
    const messages = (await look()).take();
    expect(messages.slice(1)).toEqual([{ kind: 'members', infoHash: share, changed: [], gone: [] }]);
  });

  it('that nobody registered is missing until somebody does', async () => {
    const page = await world.page({ at: 'share', infoHash: 'f'.repeat(64) as InfoHash });
    expect(page.take()).toEqual([{ kind: 'missing' }]);
    await world.pass(5 * SECOND);
    expect(page.take()).toEqual([]);
  });

  it('fills as pieces come: all of a machine first, then those that it gained', async () => {
    const page = await look();
    await world.pass(SECOND);
    page.take();
    agent.says({ infoHash: share, pieces: { bits: bitsOf(3) }, feeders: [[peerId(5), 1_000]] });
    await world.pass(250);
    agent.says({ infoHash: share, left: 1, pieces: { gained: [4, 5] } });
    agent.says({ infoHash: share, left: 0, pieces: { gained: [6] } });
    await world.pass(250);
    expect(changedIn(page.takeOf('members'))).toMatchObject([
      { peerId: peerId(1), pieces: { bits: bitsOf(3) }, feeders: [[peerId(5), 1_000]] },
      { peerId: peerId(1), left: 0, pieces: { gained: [4, 5, 6] } },
    ]);
    const [, members] = (await look()).take();
    expect((members as Members).changed).toMatchObject([{ left: 0, pieces: { bits: bitsOf(3, 4, 5, 6) } }]);
  });

  it('is told at most four times a second', async () => {
    const page = await look();
    await world.pass(SECOND);
    page.take();
    for (let round = 0; round < 40; round++) {
      agent.says({ infoHash: share, left: round });
      if (round % 10 === 9) await world.pass(250);
    }
    expect(page.take().length).toBeLessThanOrEqual(4);
  });

  it('says who came and who is gone', async () => {
    const page = await look();
    page.take();
    await world.agent(2, [share]);
    agent.desk.session.close();
    await world.pass(2 * SECOND);
    const told = page.takeOf('members');
    expect(changedIn(told).map((member) => member.peerId)).toEqual([peerId(2)]);
    expect(told.flatMap(({ gone }) => gone)).toEqual([peerId(1)]);
  });

  it.each([
    ['bits of another length', { bits: 'AAAAAAAA' }],
    ['bits that are no base64', { bits: '!!!!' }],
    ['a piece that it does not have', { gained: [PIECE_COUNT] }],
    ['gains before bits', { gained: [1] }],
  ])('passes over %s', async (_what, pieces) => {
    const page = await look();
    await world.pass(SECOND);
    page.take();
    agent.says({ infoHash: share, pieces });
    await world.pass(250);
    expect(changedIn(page.takeOf('members')).map((member) => member.pieces)).toEqual([undefined]);
  });
});

describe('a page that falls behind', () => {
  it('is told nothing until it has read, and then all from the start', async () => {
    const page = await look();
    await world.pass(SECOND);
    page.take();
    page.isFull = true;
    agent.says({ infoHash: share, pieces: { bits: bitsOf(1) } });
    await world.pass(SECOND);
    agent.says({ infoHash: share, left: 77, pieces: { gained: [2] } });
    await world.pass(SECOND);
    page.isFull = false;
    await world.pass(250);
    const [head, members] = page.take();
    expect(head?.kind).toBe('share');
    expect((members as Members).changed).toMatchObject([{ left: 77, pieces: { bits: bitsOf(1, 2) } }]);
    agent.says({ infoHash: share, left: 76 });
    await world.pass(250);
    expect(page.take()).toHaveLength(1);
  });

  it('holds nobody else up', async () => {
    const [slow, quick] = [await look(), await look()];
    await world.pass(SECOND);
    slow.isFull = true;
    quick.take();
    agent.says({ infoHash: share, left: 9 });
    await world.pass(250);
    expect(changedIn(quick.takeOf('members'))).toMatchObject([{ left: 9 }]);
  });

  it('hears in the end who is gone', async () => {
    for (let n = 2; n < 6; n++) await world.agent(n, [share]);
    const page = await look();
    await world.pass(SECOND);
    page.take();
    page.isFull = true;
    agent.says({ infoHash: share, left: 1 });
    await world.pass(SECOND);
    agent.desk.session.close();
    page.isFull = false;
    await world.pass(2 * SECOND);
    const shown = new Set<PeerId>();
    for (const { changed, gone } of page.takeOf('members')) {
      for (const member of changed) shown.add(member.peerId);
      for (const id of gone) shown.delete(id);
    }
    expect(shown).toEqual(new Set([2, 3, 4, 5].map(peerId)));
  });
});

it('a swarm is shown up to a thousand machines', async () => {
  for (let n = 2; n <= LIMITS.knownPeersPerSwarm + 1; n++) {
    world.desk.announce(
      { peerId: peerId(n), port: 0, event: 'update', swarms: [{ infoHash: share, left: n }] },
      '10.0.0.9',
    );
  }
  expect(changedIn((await look()).takeOf('members'))).toHaveLength(LIMITS.knownPeersPerSwarm);
});

it('no message is larger than a page reads, and all machines arrive', async () => {
  const long = 'x'.repeat(LIMITS.lastWordsLength);
  for (let n = 2; n <= 900; n++) {
    const other = await world.agent(n, [share]);
    if (n === 2) await look();
    if (n === 2) await world.pass(SECOND);
    const feeders = Array.from({ length: LIMITS.links }, (_, at) => [peerId(at), 2 ** 40] as const);
    other.says({ infoHash: share, feeders, problem: { code: 'disk-full', message: long, hint: long } });
  }
  await world.pass(SECOND);
  const told = (await look()).takeOf('members');
  expect(changedIn(told)).toHaveLength(900);
  expect(told.length).toBeGreaterThan(1);
});
