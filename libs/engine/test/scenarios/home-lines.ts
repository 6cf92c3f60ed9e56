import { Scenario, type AgentOptions, type ScenarioOptions, type SimAgent } from '@shoal/engine/testing';

export const MIB = 1024 * 1024;
export const PIECE_BYTES = 256 * 1024;
export const MEGABIT = 125_000;

/** Lines as people have them: 20 Mbit/s up, 100 down, a millisecond to the middle of the network. */
export const HOME_LINE = { upBytesPerSecond: 20 * MEGABIT, downBytesPerSecond: 100 * MEGABIT, latencyMs: 1 };

/** A scenario on home lines. */
export function atHome(options: Partial<ScenarioOptions> = {}): Scenario {
  return new Scenario({ ...HOME_LINE, seed: 1, shareBytes: 16 * MIB, ...options });
}

/** Adds so many agents that are alike. */
export async function addMany(scenario: Scenario, count: number, options: AgentOptions = {}): Promise<SimAgent[]> {
  const agents: SimAgent[] = [];
  for (let n = 0; n < count; n++) agents.push(await scenario.add(options));
  return agents;
}

/** When the last of them was finished, in virtual milliseconds; infinite when one was not. */
export function lastFinishedMs(agents: readonly SimAgent[]): number {
  return Math.max(...agents.map(({ finishedMs }) => finishedMs ?? Number.POSITIVE_INFINITY));
}

/** How far an agent is, from 0 to 1. */
export function progressOf(scenario: Scenario, agent: SimAgent): number {
  const { verifiedPieces, pieceCount } = scenario.snapshotOf(agent);
  return verifiedPieces / pieceCount;
}

/** How many payload bytes an agent received, for each byte of the share. */
export function receivedTimes(scenario: Scenario, agent: SimAgent): number {
  return scenario.snapshotOf(agent).receivedBytes / scenario.metainfo.info.length;
}
