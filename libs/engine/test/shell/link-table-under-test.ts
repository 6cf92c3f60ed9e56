import type { InfoHash, PeerId } from '@shoal/protocol';
import { RateLimiter } from '../../src/core/rate-limiter.ts';
import { BlockSender } from '../../src/shell/block-sender.ts';
import { LinkTable } from '../../src/shell/link-table.ts';
import { MetainfoFetch } from '../../src/shell/metainfo-fetch.ts';
import { PeerSearch } from '../../src/shell/peer-search.ts';
import type { EnginePorts, Link } from '../../src/shell/ports.ts';
import type { SwarmRunner } from '../../src/shell/swarm-runner.ts';
import { FakeClock, settled } from '../../src/testing/fake-clock.ts';
import { aPeerId, FakeLink, X } from './fake-link.ts';

export const US = aPeerId(5);
/** Peers whose ids are smaller and larger than ours. */
export const [SMALLER, LARGER] = [aPeerId(4), aPeerId(6)];
/** Where every fake link leads. */
export const ADDRESS = { host: '10.0.0.9', port: 7_000 };

/** A table of links on a network that the test plays. */
export class LinkTableUnderTest {
  readonly clock = new FakeClock();
  readonly table: LinkTable;
  /** Dials so far, in order. */
  readonly dialled: FakeLink[] = [];
  readonly logged: string[] = [];
  /** What the swarms were told, in short. */
  readonly told: string[] = [];
  readonly #runners = new Map<InfoHash, SwarmRunner>();
  #accept: (link: Link) => void = () => undefined;

  constructor() {
    const { clock } = this;
    const note = (_fields: object, message: string): void => void this.logged.push(message);
    const ports = {
      clock,
      random: { next: () => 1 },
      log: { debug: note, info: note, warn: note, error: note },
      transport: {
        listen: (onLink: (link: Link) => void) => {
          this.#accept = onLink;
          return Promise.resolve(7_001);
        },
        dial: () => {
          const link = new FakeLink();
          this.dialled.push(link);
          return Promise.resolve(link);
        },
        stop: () => Promise.resolve(),
      },
    } as unknown as EnginePorts;
    this.table = new LinkTable({
      ports,
      peerId: US,
      agent: 'test',
      sender: new BlockSender(clock, new RateLimiter(undefined)),
      search: new PeerSearch(clock, () => []),
      metainfo: new MetainfoFetch(clock, () => false),
      runnerOf: (infoHash) => this.#runners.get(infoHash),
    });
    void this.table.listen();
  }

  /** We are in a swarm. */
  enter(infoHash: InfoHash, { isComplete = false, peerCount = 0 } = {}): SwarmRunner {
    const dispatch = ({ kind, peerId }: { kind: string; peerId: PeerId }): void => {
      this.told.push(`${kind} ${String(Number(peerId))}`);
    };
    const runner = { infoHash, swarm: { isComplete, peerCount }, dispatch } as unknown as SwarmRunner;
    this.#runners.set(infoHash, runner);
    return runner;
  }

  /** Somebody links to us, and says nothing yet. */
  comesInSilently(): FakeLink {
    const link = new FakeLink();
    this.#accept(link);
    return link;
  }

  /** A peer links to us and says hello. */
  comesIn(peerId: PeerId, port = ADDRESS.port): FakeLink {
    const link = this.comesInSilently();
    link.sayHello(peerId, port);
    return link;
  }

  /** A hand-out names the addresses of a peer, and all are dialled; the links, in that order. */
  async weDialAll(peerId: PeerId, ports: readonly number[]): Promise<FakeLink[]> {
    if (!this.#runners.has(X)) this.enter(X);
    const before = this.dialled.length;
    this.table.learn(
      X,
      ports.map((port) => ({ host: ADDRESS.host, port, peerId })),
    );
    await settled();
    return this.dialled.slice(before);
  }

  /** We dial because the tracker wants us to, and whoever answers says hello. */
  async weDial(peerId: PeerId): Promise<FakeLink> {
    const link = await this.weDialSilently(peerId);
    link.sayHello(peerId);
    return link;
  }

  async weDialSilently(peerId: PeerId): Promise<FakeLink> {
    if (!this.#runners.has(X)) this.enter(X, { isComplete: true });
    this.table.dialFor(X, ADDRESS, peerId);
    await settled();
    const link = this.dialled.at(-1);
    if (link === undefined) throw new Error('nobody was dialled');
    return link;
  }
}

/** The kinds of all that was sent. */
export const kindsSent = (link: FakeLink): string[] => link.sent.map(({ kind }) => kind);
