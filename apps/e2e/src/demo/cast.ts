import { Machine, type Agent, type Sandbox, type Tracker } from '@shoal/testbed';

/** One agent of the demo and the computer that it plays on. */
export interface Player {
  readonly name: string;
  readonly machine: Machine;
  readonly agent: Agent;
}

/** Everybody in the demo, each a process of its own. */
export interface Cast {
  readonly tracker: Tracker;
  readonly seeder: Player;
  readonly leechers: readonly Player[];
}

/** Starts a tracker, a seeder and three leechers on free ports. */
export async function startCast(sandbox: Sandbox): Promise<Cast> {
  const tracker = await (await Machine.create(sandbox, 'tracker')).startTracker();
  const seeder = await startPlayer(sandbox, 'seeder');
  const leechers = await Promise.all(['anna', 'boris', 'chen'].map((name) => startPlayer(sandbox, name)));
  return { tracker, seeder, leechers };
}

async function startPlayer(sandbox: Sandbox, name: string): Promise<Player> {
  const machine = await Machine.create(sandbox, name);
  return { name, machine, agent: await machine.startAgent() };
}
