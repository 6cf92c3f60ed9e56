import { readFile } from 'node:fs/promises';
import { parseMetainfo, type Metainfo } from '@shoal/protocol';
import { Machine, Sandbox, type Agent, type Tracker } from '@shoal/testbed';

/** A share that the stage's seeder offers. */
export interface Offered {
  readonly metainfo: Metainfo;
  /** Its `.torrent`. */
  readonly torrent: string;
  /** Where the seeder has it. */
  readonly source: string;
}

/** A tracker and an agent that seeds, on one machine, for batteries that attack who downloads from it. */
export class Stage {
  readonly sandbox: Sandbox;
  readonly home: Machine;
  readonly tracker: Tracker;
  readonly seeder: Agent;

  private constructor(sandbox: Sandbox, { home, tracker, seeder }: { home: Machine; tracker: Tracker; seeder: Agent }) {
    this.sandbox = sandbox;
    this.home = home;
    this.tracker = tracker;
    this.seeder = seeder;
  }

  /**
   * @param seederOptions of `shoal agent`
   * @param machine where both run; a new one when absent
   */
  static async set(sandbox: Sandbox, seederOptions: readonly string[] = [], machine?: Machine): Promise<Stage> {
    const home = machine ?? (await Machine.create(sandbox, 'home'));
    const tracker = await home.startTracker();
    const seeder = await home.startAgent(...seederOptions);
    return new Stage(sandbox, { home, tracker, seeder });
  }

  /** Another machine. */
  machine(name: string): Promise<Machine> {
    return Machine.create(this.sandbox, name);
  }

  /** Has the seeder share what stands in its folder under this name. */
  async offer(name: string): Promise<Offered> {
    await this.home.run('share', name, this.tracker.url);
    const torrent = this.home.path(`${name}.torrent`);
    return { metainfo: parseMetainfo(await readFile(torrent), torrent), torrent, source: this.home.path(name) };
  }

  /** Payload of a share that the seeder has sent so far. */
  async sentBytes({ metainfo }: Offered): Promise<number> {
    return (await this.seeder.transfer(metainfo.infoHash))?.sentBytes ?? NaN;
  }
}

/** Sets a stage, plays on it, and clears it whatever happens. */
export async function onStage<T>(play: (stage: Stage) => Promise<T>, seederOptions?: readonly string[]): Promise<T> {
  const sandbox = await Sandbox.create();
  try {
    return await play(await Stage.set(sandbox, seederOptions));
  } finally {
    await sandbox.clear();
  }
}
