/** The built programs that are attacked: a victim that seeds one share and downloads another from an honest seeder. */
import { readFile } from 'node:fs/promises';
import { parseMetainfo, type Metainfo } from '@shoal/protocol';
import { eventually, Machine, Sandbox, usageOf, writeSampleFile, type Agent } from '@shoal/testbed';
import { EventLoopWatch } from '../event-loop-delay.ts';

const MIB = 1024 * 1024;
const SEEDED_BYTES = 64 * MIB;

/** What the honest seeder may send: enough that no agent pauses between reads, and little enough that attackers on the same
 * two cores do not take from it what a network of their own would not. */
const HONEST_RATE = '12M';
const HONEST_BYTES_PER_SECOND = 12 * MIB;

/** What an attacker knows of its victim. */
export interface Target {
  readonly port: number;
  /** What the victim seeds. */
  readonly seeded: Metainfo;
  /** What it downloads. */
  readonly wanted: Metainfo;
}

export class Stage {
  readonly target: Target;
  readonly victim: Agent;
  readonly victimMachine: Machine;
  readonly loop: EventLoopWatch;
  readonly #sandbox: Sandbox;

  private constructor(sandbox: Sandbox, parts: Pick<Stage, 'target' | 'victim' | 'victimMachine' | 'loop'>) {
    this.#sandbox = sandbox;
    this.target = parts.target;
    this.victim = parts.victim;
    this.victimMachine = parts.victimMachine;
    this.loop = parts.loop;
  }

  /** @param seconds for how long the honest download has to last */
  static async set(seconds: number): Promise<Stage> {
    const sandbox = await Sandbox.create();
    try {
      const [home, anna] = [await Machine.create(sandbox, 'home'), await Machine.create(sandbox, 'victim')];
      const loop = new EventLoopWatch(anna);
      const { url } = await home.startTracker();
      await home.startAgent('--upload-limit', HONEST_RATE);
      const victim = await anna.startAgent();
      await writeSampleFile(home.path('wanted.bin'), Math.ceil(seconds * HONEST_BYTES_PER_SECOND));
      await writeSampleFile(anna.path('seeded.bin'), SEEDED_BYTES);
      const wanted = await share(home, 'wanted.bin', url);
      const seeded = await share(anna, 'seeded.bin', url);
      await victim.control.addDownload({ metainfo: wanted, folder: anna.folder });
      await victim.reaches(wanted.infoHash, ({ receivedBytes }) => receivedBytes > 0);
      const { port } = await victim.control.status();
      return new Stage(sandbox, { target: { port, seeded, wanted }, victim, victimMachine: anna, loop });
    } catch (error) {
      await sandbox.clear();
      throw error;
    }
  }

  /** Resident memory of the victim that is its own. */
  get victimBytes(): number {
    return usageOf(this.victim.program.pid)?.anonymousBytes ?? NaN;
  }

  /** Payload that the victim has received of the honest download. */
  async receivedBytes(): Promise<number> {
    const { program } = this.victim;
    return eventually('the victim to answer', async () => {
      if (!program.isRunning) throw new Error(`the victim ended; it printed:\n${program.output}`);
      // A connection that was kept may have been closed at this very moment.
      const transfer = await this.victim.transfer(this.target.wanted.infoHash).catch(() => undefined);
      return transfer?.receivedBytes;
    });
  }

  clear(): Promise<void> {
    return this.#sandbox.clear();
  }
}

/** Has the daemon of a machine share a file of its folder. */
async function share(machine: Machine, name: string, tracker: string): Promise<Metainfo> {
  await machine.run('share', name, tracker);
  return parseMetainfo(await readFile(machine.path(`${name}.torrent`)), name);
}
