import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hashShare } from '@shoal/engine/node';
import { createMetainfo, type Metainfo } from '@shoal/protocol';
import { Machine, sampleBytes, writeSampleFile, type Agent, type Sandbox, type Tracker } from '@shoal/testbed';
import { restOf, seederOf, type Cast, type Move } from './plot.ts';

const KiB = 1024;
const SIZES = [200 * KiB, 700 * KiB, 1_500 * KiB, 5_000 * KiB];
/** Every fifth share is a folder of so many small files: enough for the threads that open them. */
const FOLDER_EVERY = 5;
const FOLDER_FILES = 70;
const INSIDE_VIEW = pathToFileURL(join(import.meta.dirname, 'inside-view.mjs')).href;

/** An agent's machine, and the daemon that runs there now. */
export interface Actor {
  readonly machine: Machine;
  agent: Agent;
  kills: number;
}

/** The programs of a soak, and what they share. */
export class Troupe {
  readonly cast: Cast;
  readonly tracker: Tracker;
  readonly trackerMachine: Machine;
  readonly actors: readonly Actor[];
  readonly shares: readonly Metainfo[];
  /** Where the programs write what is asked of them by signal; the id of the process is appended. */
  readonly report: string;
  /** Downloads that were begun. */
  joins = 0;
  readonly #options: readonly string[];

  private constructor(
    parts: Pick<Troupe, 'cast' | 'tracker' | 'trackerMachine' | 'actors' | 'shares' | 'report'>,
    options: readonly string[],
  ) {
    this.cast = parts.cast;
    this.tracker = parts.tracker;
    this.trackerMachine = parts.trackerMachine;
    this.actors = parts.actors;
    this.shares = parts.shares;
    this.report = parts.report;
    this.#options = options;
  }

  /**
   * Starts everybody, with every share at its seeder and downloads begun as at rest.
   * @param options of `shoal agent`
   */
  static async gather(sandbox: Sandbox, cast: Cast, options: readonly string[]): Promise<Troupe> {
    const report = join(await sandbox.folder('reports'), 'report');
    const trackerMachine = await watched(sandbox, 'tracker', report);
    const tracker = await trackerMachine.startTracker();
    const actors: Actor[] = [];
    for (let agent = 0; agent < cast.agents; agent++) {
      const machine = await watched(sandbox, `agent-${agent}`, report);
      actors.push({ machine, agent: await machine.startAgent(...options), kills: 0 });
    }
    const shares: Metainfo[] = [];
    for (let share = 0; share < cast.shares; share++) {
      const { machine, agent } = at(actors, seederOf(cast, share));
      const metainfo = await makeShare(machine.path(`share-${share}`), { share, tracker: tracker.url });
      await agent.control.addShare({ metainfo, path: machine.path(`share-${share}`) });
      shares.push(metainfo);
    }
    const troupe = new Troupe({ cast, tracker, trackerMachine, actors, shares, report }, options);
    for (const agent of actors.keys()) {
      const others = restOf(cast, agent).filter((share) => seederOf(cast, share) !== agent);
      for (const share of others) await troupe.play({ kind: 'join', agent, share });
    }
    return troupe;
  }

  /** Does what a move says, and returns when it is done; a download that was begun goes on. */
  async play(move: Move): Promise<void> {
    const actor = at(this.actors, move.agent);
    switch (move.kind) {
      case 'kill':
        actor.kills++;
        await actor.agent.program.stop('SIGKILL');
        return;
      case 'return':
        actor.agent = await actor.machine.startAgent(...this.#options);
        return;
      case 'join':
        this.joins++;
        await actor.agent.control.addDownload({ metainfo: at(this.shares, move.share), folder: actor.machine.folder });
        return;
      case 'leave':
        await this.#leave(actor, at(this.shares, move.share));
    }
  }

  /** What is on disk of a share that was left is nobody's but ours to remove. */
  async #leave({ agent, machine }: Actor, { infoHash, info }: Metainfo): Promise<void> {
    await agent.control.remove(infoHash);
    for (const name of [info.name, `${info.name}.part`, `${info.name}.part.have`]) {
      await rm(machine.path(name), { recursive: true, force: true });
    }
  }

  /** Every file that an agent has at rest, with what its bytes must come to. */
  filesAtRest(): readonly { readonly path: string; readonly sha256: string }[] {
    return this.actors.flatMap(({ machine }, agent) =>
      restOf(this.cast, agent).flatMap((share) => {
        const { info, isSingleFile } = at(this.shares, share);
        const folder = isSingleFile ? machine.folder : machine.path(info.name);
        return info.files.map(({ path, sha256 }) => ({ path: join(folder, ...path), sha256 }));
      }),
    );
  }

  /** Where agents keep their state and put their downloads, with the names of all that is there. */
  async filesOf(machine: Machine): Promise<readonly string[]> {
    const lists = await Promise.all([machine.home, machine.folder].map((path) => readdir(path, { recursive: true })));
    return lists.flat().sort();
  }
}

/** One of a list that surely has it. */
function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`invariant: there is a number ${index} of ${list.length}`);
  return found;
}

async function watched(sandbox: Sandbox, name: string, report: string): Promise<Machine> {
  const machine = await Machine.create(sandbox, name);
  machine.setVariable('NODE_OPTIONS', `--import=${INSIDE_VIEW}`);
  machine.setVariable('SOAK_REPORT', report);
  return machine;
}

async function makeShare(path: string, { share, tracker }: { share: number; tracker: string }): Promise<Metainfo> {
  if (share % FOLDER_EVERY === 0) {
    await mkdir(path);
    for (let file = 0; file < FOLDER_FILES; file++) {
      await writeFile(join(path, `file-${file}`), sampleBytes(`${share}/${file}`, 1_000 + 100 * file));
    }
  } else await writeSampleFile(path, at(SIZES, share % SIZES.length), `share ${share}`);
  return createMetainfo({ announce: tracker, ...(await hashShare({ path })) });
}
