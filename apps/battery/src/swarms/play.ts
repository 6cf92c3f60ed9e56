import { Scenario } from '@shoal/engine/testing';
import { Actor } from './actor.ts';
import type { Story } from './story.ts';
import { Watch } from './watch.ts';

const MEBIBYTE_A_SECOND = 1024 * 1024;
/** Nothing is waited for as long as this. */
const NEVER_MS = 3_600_000;

/** How a story went. */
export interface Ending {
  readonly seed: number;
  /** SHA-256 over all that was delivered and all that befell anybody. */
  readonly digest: string;
  /** What must not be, when it was and in which swarm; absent when nothing was. */
  readonly breach?: string;
  readonly agents: number;
  readonly longestWaitMs: number;
  /** By honest agents, up to the end of the story. */
  readonly receivedBytes: number;
  /** Of those, what came of pieces that had been promised twice, or that were given up. */
  readonly wastedBytes: number;
}

/** What a test does to an actor at the start of each of its lives, so that something must be noticed. */
export type Meddling = (actor: Actor, scenario: Scenario) => void;

/** Plays a story to its end, or to the first thing that must not be. */
export async function play(story: Story, meddle: Meddling = () => undefined): Promise<Ending> {
  const stage = new Stage(story, meddle);
  return stage.run();
}

class Stage {
  readonly #story: Story;
  readonly #scenario: Scenario;
  readonly #actors: readonly Actor[];
  readonly #watch: Watch;
  readonly #meddle: Meddling;
  #isParted = false;

  constructor(story: Story, meddle: Meddling) {
    const { seed, shareBytes, pieceBytes, cast, lastMoveMs } = story;
    const line = { upBytesPerSecond: MEBIBYTE_A_SECOND, downBytesPerSecond: MEBIBYTE_A_SECOND, latencyMs: 1 };
    this.#story = story;
    this.#meddle = meddle;
    this.#scenario = new Scenario({ ...line, seed, shareBytes, pieceBytes });
    this.#actors = cast.map((role, place) => new Actor(`agent ${place}`, role, this.#scenario, this.#news()));
    this.#watch = new Watch(this.#scenario, this.#actors, lastMoveMs);
  }

  async run(): Promise<Ending> {
    this.#actors.forEach((actor, place) => {
      this.#direct(actor, place);
    });
    this.#partAndHeal();
    await this.#scenario.runUntil(() => this.#watch.look(), NEVER_MS);
    // Where all are gone nothing happens any more, and nobody looked.
    this.#watch.look();
    if (!this.#watch.isDone) this.#watch.report('the story has no end');
    return this.#ending();
  }

  /** Brings an actor on the stage, and all that befalls it. */
  #direct(actor: Actor, place: number): void {
    const { comesMs, moves } = actor.role;
    this.#at(comesMs, `${actor.name} comes`, async () => {
      await actor.come();
      this.#joins(actor, place);
    });
    for (const move of moves) {
      this.#at(move.atMs, `${actor.name} ${JSON.stringify(move)}`, () => actor.suffer(move));
      const forMs = 'forMs' in move ? move.forMs : 'backAfterMs' in move ? move.backAfterMs : undefined;
      if (forMs === undefined) continue;
      this.#at(move.atMs + forMs, `${actor.name} recovers`, async () => {
        const before = actor.life;
        await actor.recover(move);
        if (actor.life !== before) this.#joins(actor, place);
      });
    }
  }

  #joins(actor: Actor, place: number): void {
    if (this.#isParted && this.#story.partition?.who.includes(place)) actor.agent?.host.line.place.move(true);
    this.#meddle(actor, this.#scenario);
  }

  #partAndHeal(): void {
    const { partition } = this.#story;
    if (partition === undefined) return;
    const { atMs, forMs, who } = partition;
    this.#at(atMs, `parted: ${who.join(' ')}`, () => {
      this.#isParted = true;
      this.#scenario.part(who.flatMap((place) => this.#actors[place]?.agent ?? []));
    });
    this.#at(atMs + forMs, 'healed', () => {
      this.#isParted = false;
      this.#scenario.heal();
    });
  }

  #at(timeMs: number, what: string, act: () => void | Promise<void>): void {
    const { world } = this.#scenario;
    world.after(timeMs, () => {
      world.note(what);
      world.settle();
      Promise.resolve(act()).catch((error: unknown) => {
        this.#watch.report(`${what}: ${String(error)}`);
      });
    });
  }

  #news() {
    return {
      onBan: (by: Actor, peerId: string, why: string) => {
        const banned = this.#actors.find((actor) => actor.agent?.peerId === peerId);
        if (by.isHonest && banned?.isHonest === true) this.#watch.report(`${by.name} ${why}, of ${banned.name}`);
      },
      onWithdrawn: (who: Actor) => {
        if (who.isHonest && !who.disk.failsReads) this.#watch.report(`${who.name} withdraws`);
      },
    };
  }

  #ending(): Ending {
    const { world } = this.#scenario;
    const { breach, longestWaitMs } = this.#watch;
    const honest = this.#actors.flatMap(({ isHonest, life }) => (isHonest && life !== undefined ? [life] : []));
    const traffic = honest.map(({ agent, witness }) => {
      const receivedBytes = agent.engine.snapshot().swarms[0]?.receivedBytes ?? 0;
      const { writtenBytes, refusedBytes, failedBytes } = witness;
      return { receivedBytes, wastedBytes: receivedBytes - writtenBytes - refusedBytes - failedBytes };
    });
    const sumOf = (key: 'receivedBytes' | 'wastedBytes'): number => traffic.reduce((sum, each) => sum + each[key], 0);
    return {
      seed: this.#story.seed,
      digest: world.transcript,
      ...(breach !== undefined && { breach: `${Math.round(world.nowMs)} ms: ${breach}` }),
      agents: this.#actors.length,
      longestWaitMs,
      receivedBytes: sumOf('receivedBytes'),
      wastedBytes: sumOf('wastedBytes'),
    };
  }
}
