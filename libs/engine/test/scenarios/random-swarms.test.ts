import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AgentOptions, Scenario, SimAgent } from '@shoal/engine/testing';
import { atHome, MIB, PIECE_BYTES, receivedTimes } from './home-lines.ts';

const PIECES = 64;
const MEGABIT = 125_000;
/** By then everybody has come, and gone who goes. */
const LAST_MOVE_MS = 11_000;
/** What a liar can have sent before it is found out: what a stranger may promise. */
const BAD_BYTES = 2 * MIB;

/** One agent of a random swarm: what it is, when it comes, and how it ends. */
interface Role {
  readonly options: AgentOptions;
  readonly comesMs: number;
  readonly end: 'stays' | 'kill' | 'cut' | 'stop';
  readonly endsMs: number;
}

const pieces = fc.uniqueArray(fc.nat(PIECES - 1), { maxLength: PIECES - 1 });
const aLine = {
  upBytesPerSecond: fc.integer({ min: 5, max: 100 }).map((megabits) => megabits * MEGABIT),
  downBytesPerSecond: fc.integer({ min: 20, max: 200 }).map((megabits) => megabits * MEGABIT),
  latencyMs: fc.integer({ min: 0, max: 50 }),
};
const aLeecher = fc.record({ ...aLine, has: pieces });
const aLiar = fc.record({
  ...aLine,
  has: fc.constant('all' as const),
  lies: fc.constantFrom('poisons' as const, 'withholds' as const),
});
const aSeeder = fc.record({ ...aLine, has: fc.constant('all' as const) });
const aRole: fc.Arbitrary<Role> = fc.record({
  options: fc.oneof(
    { weight: 4, arbitrary: aLeecher },
    { weight: 1, arbitrary: aSeeder },
    { weight: 2, arbitrary: aLiar },
  ),
  comesMs: fc.nat(4_000),
  end: fc.oneof(
    { weight: 3, arbitrary: fc.constant('stays' as const) },
    { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'cut' as const, 'stop' as const) },
  ),
  endsMs: fc.integer({ min: 1, max: 6_000 }),
});
const aSwarm = fc.record({
  seed: fc.nat(),
  seederComesMs: fc.nat(5_000),
  roles: fc.array(aRole, { minLength: 1, maxLength: 7 }),
});

/** Brings an agent on the stage, and off it. */
async function play(scenario: Scenario, { options, comesMs, end, endsMs }: Role): Promise<SimAgent> {
  await until(scenario, comesMs);
  const agent = await scenario.add(options);
  if (end === 'stays') return agent;
  await until(scenario, comesMs + endsMs);
  if (end === 'stop') await agent.engine.stop();
  else agent.host[end]();
  return agent;
}

/** Waits for a moment while somebody else lets time pass. */
function until(scenario: Scenario, timeMs: number): Promise<void> {
  return new Promise((resolve) => {
    scenario.world.after(timeMs - scenario.world.nowMs, () => {
      scenario.world.settle();
      resolve();
    });
  });
}

async function expectOnlyWhatIsTrue(scenario: Scenario, agent: SimAgent): Promise<void> {
  const zeros = new Uint8Array(PIECE_BYTES);
  for (const block of agent.store.pieces.flatMap((piece) => scenario.metainfo.layout.blocksOf(piece))) {
    const bytes = await agent.store.readBlock(block);
    expect(Buffer.compare(bytes, zeros.subarray(0, block.length))).toBe(0);
  }
}

it('whoever comes, goes or lies: honest leechers get what is true, and little of it twice', async () => {
  const property = fc.asyncProperty(aSwarm, async ({ seed, seederComesMs, roles }) => {
    const scenario = atHome({ seed, shareBytes: PIECES * PIECE_BYTES - 1_000 });
    const source: Role = { options: { has: 'all' }, comesMs: seederComesMs, end: 'stays', endsMs: 0 };
    const cast = [source, ...roles];
    const played = Promise.all(cast.map((role) => play(scenario, role)));
    await scenario.wait(LAST_MOVE_MS);
    const agents = await played;
    const honest = agents.filter((_, at) => cast[at]?.options.lies === undefined);
    const staying = agents.filter((agent, at) => honest.includes(agent) && cast[at]?.end === 'stays');

    expect(await scenario.runUntilFinished(staying, 60_000)).toBe(true);
    for (const agent of honest) await expectOnlyWhatIsTrue(scenario, agent);
    const liars = cast.length - honest.length;
    const gone = cast.filter(({ end }) => end !== 'stays').length;
    const mayReceive = 1.1 + (liars * BAD_BYTES + gone * PIECE_BYTES) / scenario.metainfo.info.length;
    for (const agent of staying) expect(receivedTimes(scenario, agent)).toBeLessThanOrEqual(mayReceive);
  });
  await fc.assert(property, { numRuns: 30, seed: 1 });
});
