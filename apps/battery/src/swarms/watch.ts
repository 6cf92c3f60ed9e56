/**
 * Looks at a swarm after every step, and says the first thing that must not be:
 *
 * - an engine says that it has a piece that its store does not hold with the right bytes, or sends one;
 * - a piece was fetched whole twice, though it did not fail its SHA-256, was not refused by the disk and not lost by a kill;
 * - somebody honest is banned by somebody honest, or withdraws a share that is whole;
 * - an agent gained no piece for `PATIENCE_MS` while, all that time, somebody honest within its reach had one that it lacks;
 * - some time after the last trouble, somebody has less than those who are there have between them.
 */
import type { Scenario } from '@shoal/engine/testing';
import type { Actor, Life } from './actor.ts';

/** How often it is looked at what only time shows. */
const SAMPLE_MS = 500;
/** The longest back-off, then a promise that is not kept, and some more that are not. */
const PATIENCE_MS = 120_000;
/** When nothing befalls anybody any more, everybody who can has everything after this. */
const END_MS = 600_000;

interface Progress {
  life: Life;
  holdCount: number;
  sinceMs: number;
}

type Active = Actor & { readonly life: Life };

export class Watch {
  /** What must not be, and was; undefined while there was nothing. */
  breach: string | undefined;
  /** Everybody has all that is to be had. */
  isDone = false;
  /** The longest that somebody gained nothing though it could have. */
  longestWaitMs = 0;
  readonly #scenario: Scenario;
  readonly #actors: readonly Actor[];
  readonly #lastMoveMs: number;
  readonly #seen = new Map<Life, number>();
  readonly #progress = new Map<Actor, Progress>();
  #sampledMs = 0;

  constructor(scenario: Scenario, actors: readonly Actor[], lastMoveMs: number) {
    this.#scenario = scenario;
    this.#actors = actors;
    this.#lastMoveMs = lastMoveMs;
  }

  /** Something must not be. */
  report(breach: string): void {
    this.breach ??= breach;
  }

  /** Called after every step; returns whether the story is over. */
  look(): boolean {
    for (const actor of this.#actors) if (actor.life !== undefined && actor.isHonest) this.#lookAt(actor, actor.life);
    if (this.#scenario.world.nowMs - this.#sampledMs >= SAMPLE_MS) this.#sample();
    return this.isDone || this.breach !== undefined;
  }

  #lookAt({ name }: Actor, life: Life): void {
    const { transfer, witness } = life;
    if (witness.breach !== undefined) this.report(`${name} ${witness.breach}`);
    const { have } = transfer;
    if (have.count === this.#seen.get(life)) return;
    this.#seen.set(life, have.count);
    for (const piece of have) {
      if (!witness.holds.has(piece)) this.report(`${name} says that it has piece ${piece}, and does not hold it`);
    }
  }

  #sample(): void {
    const { nowMs } = this.#scenario.world;
    this.#sampledMs = nowMs;
    const active = this.#actors.filter(isHonestAndActive);
    // Who stands still waits for nothing.
    for (const actor of this.#progress.keys()) if (!isHonestAndActive(actor)) this.#progress.delete(actor);
    for (const actor of active) this.#sampleProgress(actor, active);
    if (nowMs < this.#lastMoveMs) return;
    const lacking = this.#lackingOf(active);
    this.isDone = lacking.length === 0;
    if (!this.isDone && nowMs > this.#lastMoveMs + END_MS) this.report(`at the end ${lacking.join(', ')}`);
  }

  #sampleProgress(actor: Active, active: readonly Active[]): void {
    const { nowMs } = this.#scenario.world;
    const { life } = actor;
    const known = this.#progress.get(actor);
    const source = active.find((other) => other !== actor && this.#couldServe(other, actor));
    const canGoOn = source !== undefined && !actor.disk.isFull;
    if (known?.life !== life || known.holdCount !== life.witness.holds.size || !canGoOn) {
      this.#progress.set(actor, { life, holdCount: life.witness.holds.size, sinceMs: nowMs });
      return;
    }
    const waitedMs = nowMs - known.sinceMs;
    this.longestWaitMs = Math.max(this.longestWaitMs, waitedMs);
    if (waitedMs > PATIENCE_MS) this.report(`${actor.name} gains nothing, and ${source.name} has what it lacks`);
  }

  /** Whether one has what the other lacks, and they can know of each other. */
  #couldServe(source: Active, leecher: Active): boolean {
    if (source.disk.failsReads || leecher.disk.failsReads) return false;
    const [from, to] = [source.life.agent.host.line.place, leecher.life.agent.host.line.place];
    if (from.isApartFrom(to)) return false;
    const { holds } = leecher.life.witness;
    if (![...source.life.witness.holds].some((piece) => !holds.has(piece))) return false;
    return !from.isApartFrom(this.#scenario.tracker.place) || areLinked(source, leecher);
  }

  /** Who has less than there is, when all that has befallen them is over. */
  #lackingOf(active: readonly Active[]): string[] {
    const able = active.filter(({ disk }) => !disk.failsReads);
    const union = new Set(able.flatMap(({ life }) => [...life.witness.holds]));
    const isWhole = union.size === this.#scenario.metainfo.layout.pieceCount;
    return able.flatMap(({ name, life }) => {
      const { size } = life.witness.holds;
      if (size < union.size) return [`${name} has ${size} of ${union.size} pieces that are there`];
      return isWhole && life.transfer.finishedMs === undefined ? [`${name} has all pieces and is not finished`] : [];
    });
  }
}

function isHonestAndActive(actor: Actor): actor is Active {
  return actor.isHonest && actor.isActive;
}

function areLinked(one: Active, other: Active): boolean {
  return one.life.agent.engine.snapshot().links.some(({ peerId }) => peerId === other.life.agent.peerId);
}
