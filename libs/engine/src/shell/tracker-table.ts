import type { HandedPeer, InfoHash, PeerAddress, PeerId } from '@shoal/protocol';
import type { TrackerSnapshot } from '../core/snapshot.ts';
import type { EnginePorts, TrackerIdentity, TrackerLink } from './ports.ts';
import type { SwarmRunner } from './swarm-runner.ts';

/** How often trackers are told how far an incomplete share is, in milliseconds. */
const PROGRESS_MS = 5_000;

/** What trackers tell the engine. */
export interface TrackerNews {
  onPeers(infoHash: InfoHash, peers: readonly HandedPeer[]): void;
  onGone(infoHash: InfoHash, peerIds: readonly PeerId[]): void;
  onDial(infoHash: InfoHash, peer: HandedPeer): void;
}

interface Tracker {
  readonly link: TrackerLink;
  state: Omit<TrackerSnapshot, 'url'>;
}

const UNSEEN = { reachability: 'unknown' } as const;

/** The engine's sessions with trackers: one for each address that a share names, opened when it is first needed. */
export class TrackerTable {
  readonly #ports: EnginePorts;
  readonly #news: TrackerNews;
  readonly #trackers = new Map<string, Tracker>();
  readonly #announcedComplete = new Set<InfoHash>();
  #identity: TrackerIdentity | undefined;
  #progressToldMs = 0;

  constructor(ports: EnginePorts, news: TrackerNews) {
    this.#ports = ports;
    this.#news = news;
  }

  /** Says who we are to all trackers from now on. */
  open(identity: TrackerIdentity): void {
    this.#identity = identity;
  }

  /** Enters a share's swarm at its trackers, or tells them how far it is. */
  announce({ trackers, infoHash, swarm }: SwarmRunner): void {
    if (swarm.isComplete) this.#announcedComplete.add(infoHash);
    for (const url of trackers) this.#trackerAt(url).link.announce(infoHash, swarm.leftBytes);
  }

  /** Tells the trackers at once when a share has become complete. */
  announceIfComplete(runner: SwarmRunner): void {
    if (runner.swarm.isComplete && !this.#announcedComplete.has(runner.infoHash)) this.announce(runner);
  }

  leave({ trackers, infoHash }: SwarmRunner): void {
    this.#announcedComplete.delete(infoHash);
    for (const url of trackers) this.#trackers.get(url)?.link.leave(infoHash);
  }

  /** Tells how far incomplete shares are, every few seconds. */
  tick(runners: Iterable<SwarmRunner>): void {
    const nowMs = this.#ports.clock.now();
    if (nowMs - this.#progressToldMs < PROGRESS_MS) return;
    this.#progressToldMs = nowMs;
    for (const runner of runners) if (!runner.swarm.isComplete && !runner.isStopped) this.announce(runner);
  }

  /** Opens a tracker's session if need be, and follows its catalogue. */
  follow(url: string, onListed: () => void): void {
    this.#trackerAt(url).link.follow(onListed);
  }

  snapshot(): TrackerSnapshot[] {
    return [...this.#trackers].map(([url, { state }]) => ({ url, ...state }));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#trackers.values()].map(({ link }) => link.stop()));
    this.#trackers.clear();
  }

  #trackerAt(url: string): Tracker {
    const known = this.#trackers.get(url);
    if (known !== undefined) return known;
    if (this.#identity === undefined) throw new Error('invariant: the engine is started before shares are added');
    const link = this.#ports.openTracker(url, this.#identity, {
      onPeers: (infoHash, added, removed) => {
        this.#news.onPeers(infoHash, added);
        this.#news.onGone(infoHash, removed);
      },
      onDial: (infoHash, peer) => {
        this.#news.onDial(infoHash, peer);
      },
      onWelcome: (observedHost) => {
        tracker.state = { ...UNSEEN, observedHost };
      },
      onReachability: (at) => {
        const { observedHost } = tracker.state;
        tracker.state = { ...(observedHost === undefined ? {} : { observedHost }), ...describe(at) };
      },
      onState: (problem) => {
        tracker.state = problem === undefined ? UNSEEN : { ...UNSEEN, problem };
      },
    });
    const tracker: Tracker = { link, state: UNSEEN };
    this.#trackers.set(url, tracker);
    return tracker;
  }
}

function describe(at: PeerAddress | undefined): Pick<TrackerSnapshot, 'reachability' | 'reachableAt'> {
  return at === undefined ? { reachability: 'unreachable' } : { reachability: 'reachable', reachableAt: at };
}
