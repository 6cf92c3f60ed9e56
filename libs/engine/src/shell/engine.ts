/**
 * The engine of an agent: its links, its swarms, and what they share: the upload window, the receive budget, the limits
 * and the connection slots. It decides who is linked to whom and which swarm runs over which link; what happens inside a
 * swarm is the core's business.
 */
import { ShoalError } from '@shoal/protocol';
import type { Bitfield, FoundShare, InfoHash, Metainfo, PeerAddress, PeerId } from '@shoal/protocol';
import { TICK_MS } from '../core/events.ts';
import { RateLimiter } from '../core/rate-limiter.ts';
import { ReceiveBudget } from '../core/receive-budget.ts';
import type { EngineSnapshot, SwarmSnapshot } from '../core/snapshot.ts';
import { Swarm } from '../core/swarm.ts';
import { UploadWindow } from '../core/upload-window.ts';
import { BlockSender } from './block-sender.ts';
import { LinkTable } from './link-table.ts';
import { MetainfoFetch } from './metainfo-fetch.ts';
import { PeerSearch } from './peer-search.ts';
import type { EnginePorts, PieceStore } from './ports.ts';
import { SwarmRunner, type RunnerContext } from './swarm-runner.ts';
import { TrackerTable } from './tracker-table.ts';
import { WaitingSwarms } from './waiting-swarms.ts';

/** What an engine is made of. */
export interface EngineOptions {
  readonly ports: EnginePorts;
  readonly peerId: PeerId;
  /** Program and version, as other agents are told. */
  readonly agent: string;
  /** Limits over all links; absent for none. */
  readonly uploadBytesPerSecond?: number;
  readonly downloadBytesPerSecond?: number;
}

/** One share for the engine: its description, where its bytes are, and which of them are verified. */
export interface ShareToAdd {
  readonly metainfo: Metainfo;
  readonly store: PieceStore;
  /** Taken over by the engine. */
  readonly have: Bitfield;
  /** Addresses of trackers, normalised. */
  readonly trackers: readonly string[];
}

/** What a connected peer answered to a search. */
export interface SearchAnswer {
  readonly host: string;
  readonly port: number;
  readonly shares: readonly FoundShare[];
}

export class Engine {
  readonly #options: EngineOptions;
  readonly #runners = new Map<InfoHash, SwarmRunner>();
  readonly #window = new UploadWindow();
  readonly #budget: ReceiveBudget;
  readonly #links: LinkTable;
  readonly #trackers: TrackerTable;
  readonly #search: PeerSearch;
  readonly #metainfo: MetainfoFetch;
  readonly #context: RunnerContext;
  readonly #waiting: WaitingSwarms;
  #cancelTick: () => void = () => undefined;

  constructor(options: EngineOptions) {
    const { ports, peerId, agent, uploadBytesPerSecond, downloadBytesPerSecond } = options;
    this.#options = options;
    this.#budget = new ReceiveBudget(downloadBytesPerSecond);
    this.#waiting = new WaitingSwarms(ports.clock, { window: this.#window, budget: this.#budget });
    const sender = new BlockSender(ports.clock, new RateLimiter(uploadBytesPerSecond));
    this.#search = new PeerSearch(ports.clock, () => [...this.#runners.values()].map(({ metainfo }) => metainfo));
    this.#metainfo = new MetainfoFetch(ports.clock, (infoHash) => this.#runners.has(infoHash));
    const runnerOf = (infoHash: InfoHash) => this.#running(infoHash);
    const shared = { search: this.#search, metainfo: this.#metainfo, runnerOf };
    this.#links = new LinkTable({ ports, peerId, agent, sender, ...shared });
    this.#trackers = new TrackerTable(ports, {
      onPeers: (infoHash, peers) => {
        this.#links.learn(infoHash, peers);
      },
      onGone: (infoHash, peerIds) => {
        for (const id of peerIds) this.#links.forget(infoHash, id);
      },
      onDial: (infoHash, { peerId: id, ...address }) => {
        this.#links.dialFor(infoHash, address, id);
      },
    });
    this.#context = {
      clock: ports.clock,
      hasher: ports.hasher,
      sender,
      linkOf: (id) => this.#links.linkOf(id),
      onEventHandled: (runner) => {
        this.#eventHandled(runner);
      },
      onPeersLearned: (infoHash, peers) => {
        this.#links.learn(infoHash, peers);
      },
      onMisdeed: (id, error) => {
        this.#links.ban(id, error);
      },
      onWithdrawn: (runner, error) => {
        this.#withdraw(runner, error);
      },
    };
  }

  /**
   * Starts to accept links.
   * @returns the listening port
   * @throws ShoalError `port-in-use`
   */
  async start(): Promise<number> {
    const { peerId, agent } = this.#options;
    const port = await this.#links.listen();
    this.#trackers.open({ peerId, port, agent });
    this.#scheduleTick();
    return port;
  }

  /** Enters the swarm of a share; one that is in already stays as it is. Called after `start`. */
  add({ have, ...share }: ShareToAdd): void {
    const { infoHash, layout } = share.metainfo;
    if (this.#runners.has(infoHash)) return;
    const chance = (): number => this.#options.ports.random.next();
    const swarm = new Swarm({ infoHash, layout, have, window: this.#window, budget: this.#budget, chance });
    const runner = new SwarmRunner(swarm, share, this.#context);
    this.#runners.set(infoHash, runner);
    this.#metainfo.cameOtherwise(share.metainfo);
    runner.start();
    this.#links.enter(runner);
    this.#trackers.announce(runner);
  }

  /** Leaves a swarm and lets go of its files. */
  async remove(infoHash: InfoHash): Promise<void> {
    const runner = this.#runners.get(infoHash);
    if (runner === undefined) return;
    this.#runners.delete(infoHash);
    this.#leave(runner);
    await runner.stop();
  }

  /**
   * Waits until a share is complete, checked and has its final name.
   * @throws ShoalError when it cannot be, or was removed
   */
  async whenFinished(infoHash: InfoHash): Promise<void> {
    const runner = this.#runners.get(infoHash);
    if (runner === undefined) throw new ShoalError('unknown-share', `there is no transfer of ${infoHash}`);
    await runner.finished;
  }

  /**
   * Makes a link to an address, and offers it every swarm that we are in.
   * @throws ShoalError `peer-unreachable`, `self-link`, `too-many-links`, `timed-out`
   */
  connect(address: PeerAddress): Promise<PeerId> {
    return this.#links.connect(address, [...this.#runners.keys()]);
  }

  /**
   * Follows a tracker's catalogue; one at a time does. Called after `start`.
   * @param onListed called when it lists something new or newly seeded, and whenever that may have been missed
   */
  follow(tracker: string, onListed: () => void): void {
    this.#trackers.follow(tracker, onListed);
  }

  /** Asks every linked peer for shares whose name or files contain the query. */
  search(query: string): Promise<readonly SearchAnswer[]> {
    return this.#search.ask(query, this.#links.ready);
  }

  /**
   * Asks linked peers for a metainfo that we do not have.
   * @throws ShoalError `unknown-share` when none hands it out; as `parseMetainfo`
   */
  fetchMetainfo(infoHash: InfoHash): Promise<Metainfo> {
    const runner = this.#runners.get(infoHash);
    return runner === undefined ? this.#metainfo.fetch(infoHash, this.#links.ready) : Promise.resolve(runner.metainfo);
  }

  snapshot(): EngineSnapshot {
    const nowMs = this.#options.ports.clock.now();
    return {
      swarms: [...this.#runners.values()].map(({ swarm }) => swarm.snapshot(nowMs)),
      links: this.#links.snapshot(),
      knownPeers: this.#links.knownPeers(),
      trackers: this.#trackers.snapshot(),
    };
  }

  /** One share of the snapshot, without the cost of all others; undefined when it is not here. */
  swarmSnapshot(infoHash: InfoHash): SwarmSnapshot | undefined {
    return this.#runners.get(infoHash)?.swarm.snapshot(this.#options.ports.clock.now());
  }

  /** How many events a share has seen: while that stays the same, so does all of its snapshot but the rates. */
  eventCount(infoHash: InfoHash): number | undefined {
    return this.#runners.get(infoHash)?.swarm.eventCount;
  }

  /** The verified pieces of a share at this moment; undefined when it is not here. */
  verifiedPieces(infoHash: InfoHash): Bitfield | undefined {
    return this.#runners.get(infoHash)?.swarm.copyOfPieces();
  }

  /** Leaves everything and closes everything. */
  async stop(): Promise<void> {
    this.#cancelTick();
    this.#waiting.stop();
    const runners = [...this.#runners.values()];
    this.#runners.clear();
    await this.#trackers.stop();
    await this.#links.stop();
    await Promise.all(runners.map((runner) => runner.stop()));
  }

  #running(infoHash: InfoHash): SwarmRunner | undefined {
    const runner = this.#runners.get(infoHash);
    return runner?.isStopped === false ? runner : undefined;
  }

  #eventHandled(runner: SwarmRunner): void {
    // The event may have been the one for which the share was withdrawn.
    if (!runner.isStopped) this.#trackers.announceIfComplete(runner);
    this.#waiting.handled(runner);
  }

  #withdraw(runner: SwarmRunner, error: ShoalError): void {
    this.#options.ports.log.error({ infoHash: runner.infoHash, code: error.code }, `withdrawn: ${error.message}`);
    this.#leave(runner);
    runner.stop().catch((cause: unknown) => {
      this.#options.ports.log.error({ infoHash: runner.infoHash, err: cause }, 'its files could not be closed well');
    });
  }

  #leave(runner: SwarmRunner): void {
    this.#waiting.forget(runner);
    this.#context.sender.forgetSwarm(runner.infoHash);
    this.#links.leave(runner);
    this.#trackers.leave(runner);
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#options.ports.clock.setTimer(TICK_MS, () => {
      this.#scheduleTick();
      this.#waiting.tick();
      this.#links.tick();
      this.#trackers.tick(this.#runners.values());
    });
  }
}
