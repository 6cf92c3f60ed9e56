/**
 * A swarm of thousands in virtual time: the real core of every agent (`Swarm`, `UploadWindow`, `ReceiveBudget`) over the
 * simulated lines, without the engine's shell. What it leaves out: encoding and parsing, hello and dialling, the tracker's
 * messages, hashing and disks. Who is linked to whom is drawn by the tracker's rule before time begins.
 */
import { LIMITS, type Metainfo } from '@shoal/protocol';
import { TICK_MS } from '../core/events.ts';
import { CoreAgent } from './core-agent.ts';
import { SimLine, type HostOptions } from './sim-line.ts';
import { SimWorld } from './sim-world.ts';

/** A swarm in which all leechers start together. */
export interface CoreWorldOptions {
  readonly seed: number;
  readonly metainfo: Metainfo;
  readonly seeder: HostOptions;
  readonly leechers: readonly HostOptions[];
  /** How many others a newcomer links to. */
  readonly linksSought?: number;
}

export class CoreWorld {
  readonly world: SimWorld;
  readonly seeder: CoreAgent;
  readonly leechers: readonly CoreAgent[];
  #unfinished: number;

  constructor({ seed, metainfo, seeder, leechers, linksSought = LIMITS.peersPerSwarm }: CoreWorldOptions) {
    this.world = new SimWorld(seed);
    this.#unfinished = leechers.length;
    const agent = (options: HostOptions, at: number): CoreAgent => {
      const share = { name: String(at), metainfo, isSeeder: at === 0 };
      return new CoreAgent(new SimLine(this.world, options), share, () => (this.#unfinished -= at === 0 ? 0 : 1));
    };
    this.seeder = agent(seeder, 0);
    this.leechers = leechers.map((options, at) => agent(options, at + 1));
    this.#linkAll(linksSought);
  }

  /** Lets time pass until every leecher has everything; returns whether they have, in time. */
  async run(deadlineMs: number): Promise<boolean> {
    const agents = [this.seeder, ...this.leechers];
    agents.forEach((agent, at) => {
      agent.start();
      this.#tick(agent, (at * TICK_MS) / agents.length);
    });
    return this.world.run(() => this.#unfinished === 0, deadlineMs);
  }

  #tick(agent: CoreAgent, afterMs: number): void {
    this.world.after(afterMs, () => {
      this.#tick(agent, TICK_MS);
      agent.dispatch({ kind: 'tick' });
    });
  }

  /** Each newcomer is handed some of those who came before, drawn at random, and the seeder while it has places. */
  #linkAll(linksSought: number): void {
    const present = [this.seeder];
    for (const newcomer of this.leechers) {
      for (const other of this.#draw(present, linksSought)) CoreAgent.link(newcomer, other);
      present.push(newcomer);
    }
  }

  #draw(present: readonly CoreAgent[], most: number): Set<CoreAgent> {
    const open = present.filter(({ neighbourCount }) => neighbourCount < LIMITS.links);
    const drawn = new Set(open.filter((agent) => agent === this.seeder));
    while (drawn.size < Math.min(most, open.length)) {
      const other = open[Math.floor(this.world.random.next() * open.length)];
      if (other !== undefined) drawn.add(other);
    }
    return drawn;
  }
}
