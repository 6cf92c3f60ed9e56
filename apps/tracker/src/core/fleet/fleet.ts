/**
 * The fleet as people look at it: who looks where, what agents are asked to tell for that, and what they told. Nothing is
 * kept of reports while nobody looks, but what machines said of their problems; agents are asked, and pages told, in ticks.
 */
import type { InfoHash, PeerId, SwarmReport, View as Place } from '@shoal/protocol';
import type { Followers } from '../followers.ts';
import { isSeeder, type SwarmRegistry } from '../swarm-registry.ts';
import { LastWordsBook } from './last-words.ts';
import { MachinePicture } from './machine.ts';
import { Overview } from './overview.ts';
import type { Page, View } from './page.ts';
import { PictureView } from './picture-view.ts';
import { Reporters, type Reporter, type Watch } from './reporters.ts';
import { Reports, type PlainReport } from './reports.ts';
import { ShareView } from './share-view.ts';
import type { FleetSight, Naming } from './sight.ts';
import { Throughput } from './throughput.ts';

/** How often pages are told of members of a share. */
export const FLEET_TICK_MS = 250;
/** Agents are asked no more often than this. */
const ASK_MS = 500;
const SECOND_MS = 1_000;

/** What the fleet is seen by. */
export interface FleetParts extends Pick<FleetSight, 'registry' | 'catalogue' | 'failed'> {
  readonly followers: Pick<Followers, 'add' | 'remove'>;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** The time of day, RFC 3339 in UTC. */
  readonly timeOfDay: () => string;
  /** Runs an action once, after `FLEET_TICK_MS`. */
  readonly later: (action: () => void) => void;
  /** Runs an action once, after whatever waits to be done now. */
  readonly soon: (action: () => void) => void;
}

/** What one agent's session tells the fleet. */
export interface FleetAgent {
  report(swarms: readonly SwarmReport[]): void;
  leave(infoHashes: readonly InfoHash[]): void;
  close(): void;
}

export class Fleet implements FleetSight {
  readonly reports = new Reports();
  readonly lastWords = new LastWordsBook();
  edition = 0;
  readonly #parts: FleetParts;
  readonly #reporters = new Reporters();
  readonly #throughput = new Throughput();
  readonly #views = new Map<string, View>();
  readonly #shareViews = new Map<InfoHash, ShareView>();
  readonly #viewOf = new Map<Page, string>();
  readonly #follower = {
    send: (): void => {
      this.edition++;
    },
  };
  #isTicking = false;
  #askedMs = -Infinity;
  #toldSecond = -1;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get registry(): SwarmRegistry {
    return this.#parts.registry;
  }

  get catalogue(): FleetSight['catalogue'] {
    return this.#parts.catalogue;
  }

  /** An agent opens a session, and is asked what to tell. */
  enter(peerId: PeerId, naming: Naming, ask: (watch: Watch) => void): FleetAgent {
    const reporter: Reporter = { peerId, ...naming, ask };
    this.reports.deleteAll(peerId);
    this.#reporters.add(reporter);
    const isPresent = (): boolean => this.#reporters.has(reporter);
    return {
      report: (swarms) => {
        if (isPresent()) for (const report of swarms) this.#hear(peerId, report);
      },
      leave: (infoHashes) => {
        if (isPresent()) for (const infoHash of infoHashes) this.reports.delete(peerId, infoHash);
      },
      close: () => {
        if (this.#reporters.remove(reporter)) this.reports.deleteAll(peerId);
      },
    };
  }

  /**
   * A page looks somewhere, and no longer where it looked before.
   * @returns false when it looks there already, and nothing more is told for that
   */
  look(page: Page, place: Place): boolean {
    const key = JSON.stringify(place);
    if (this.#viewOf.get(page) === key) return false;
    const isFirst = this.#viewOf.size === 0;
    this.#leaveView(page);
    this.#viewOf.set(page, key);
    if (isFirst) this.#parts.followers.add(this.#follower);
    const view = this.#views.get(key) ?? this.#open(key, place);
    view.add(page);
    this.#awake();
    return true;
  }

  /** A page is gone. */
  leave(page: Page): void {
    this.#leaveView(page);
    if (this.#viewOf.size === 0) this.#parts.followers.remove(this.#follower);
  }

  throughput(): readonly number[] {
    return this.#throughput.read(this.#second);
  }

  namingOf(peerId: PeerId): Naming {
    return this.#reporters.namingOf(peerId);
  }

  failed(error: unknown): void {
    this.#parts.failed(error);
  }

  get #second(): number {
    return Math.floor(this.#parts.now() / SECOND_MS);
  }

  #hear(peerId: PeerId, report: SwarmReport): void {
    const { infoHash, left } = report;
    this.#noteProblem(peerId, report);
    const member = this.registry.known(peerId)?.members.get(infoHash);
    if (!this.#reporters.isLookedAt || member === undefined) return;
    // Whether it lacks anything is for its announces to say.
    if (!isSeeder(member) && left > 0) this.registry.setLeft(member, left);
    this.reports.put(peerId, report);
    this.#shareViews.get(infoHash)?.hear(peerId, report);
  }

  /** A problem goes on being told while the transfer has it. */
  #noteProblem(peerId: PeerId, { infoHash, problem }: PlainReport): void {
    const before = this.reports.get(infoHash, peerId)?.problem;
    if (problem === undefined || (problem.code === before?.code && problem.message === before.message)) return;
    this.lastWords.note(peerId, problem, this.#parts.timeOfDay());
  }

  #open(key: string, place: Place): View {
    const view = this.#make(place);
    this.#views.set(key, view);
    if (view instanceof ShareView && place.at === 'share') this.#shareViews.set(place.infoHash, view);
    return view;
  }

  #make(place: Place): View {
    switch (place.at) {
      case 'overview':
        return new PictureView(new Overview(this, place.query));
      case 'machine':
        return new PictureView(new MachinePicture(this, place.peerId));
      case 'share':
        return new ShareView(this, place.infoHash);
    }
  }

  #leaveView(page: Page): void {
    const key = this.#viewOf.get(page);
    const view = key === undefined ? undefined : this.#views.get(key);
    this.#viewOf.delete(page);
    if (key === undefined || view === undefined) return;
    view.remove(page);
    if (!view.isEmpty) return;
    this.#views.delete(key);
    for (const [infoHash, each] of this.#shareViews) if (each === view) this.#shareViews.delete(infoHash);
  }

  #awake(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#parts.later(() => {
      this.#tick();
    });
  }

  #tick(): void {
    const second = this.#second;
    const isSecond = second !== this.#toldSecond;
    if (isSecond) {
      this.#toldSecond = second;
      this.#throughput.note(second, this.reports.totals.receivedBytesPerSecond);
    }
    this.#tellNext(this.#views.values(), isSecond);
  }

  /** One view at a time: whoever announces meanwhile does not wait for all of them. */
  #tellNext(views: Iterator<View, void>, isSecond: boolean): void {
    const { value: view } = views.next();
    if (view === undefined) this.#endTick();
    else {
      view.tell(isSecond);
      this.#parts.soon(() => {
        this.#tellNext(views, isSecond);
      });
    }
  }

  #endTick(): void {
    const nowMs = this.#parts.now();
    if (nowMs - this.#askedMs >= ASK_MS) this.#ask(nowMs);
    this.#isTicking = false;
    if (this.#viewOf.size > 0 || this.#reporters.isLookedAt) this.#awake();
  }

  /** Whoever begins to be asked tells everything anew, so what was told before is worth nothing. */
  #ask(nowMs: number): void {
    const isLookedAt = this.#viewOf.size > 0;
    if (this.#reporters.isLookedAt && !isLookedAt) this.reports.clear();
    if (this.#reporters.askAll(isLookedAt, this.#watched())) this.#askedMs = nowMs;
  }

  #watched(): ReadonlyMap<PeerId, readonly InfoHash[]> {
    const watched = new Map<PeerId, InfoHash[]>();
    for (const [infoHash, view] of this.#shareViews) {
      for (const peerId of view.memberIds) {
        const list = watched.get(peerId) ?? [];
        list.push(infoHash);
        watched.set(peerId, list);
      }
    }
    return watched;
  }
}
