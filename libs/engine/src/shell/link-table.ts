/**
 * Who is linked to whom: dials, accepts, keeps one link per peer, and enters each swarm on the links whose other end is
 * in it too. Which address is worth a dial it asks `ConnectionSlots`.
 */
import { LIMITS, ShoalError, type InfoHash, type PeerAddress, type PeerId } from '@shoal/protocol';
import { ConnectionSlots } from '../core/connection-slots.ts';
import { takesThePlace } from '../core/duplicate-links.ts';
import { peerHints } from '../core/peer-hints.ts';
import type { KnownPeerSnapshot, LinkSnapshot } from '../core/snapshot.ts';
import type { BlockSender } from './block-sender.ts';
import { Dialler, NOBODY } from './dialler.ts';
import { IdleLinks } from './idle-links.ts';
import type { MetainfoFetch } from './metainfo-fetch.ts';
import { PeerLink, type Introduction, type PeerLinkHandlers, type RemotePeer } from './peer-link.ts';
import type { PeerSearch } from './peer-search.ts';
import type { EnginePorts, Link } from './ports.ts';
import type { SwarmRunner } from './swarm-runner.ts';

/** What the table needs of the engine around it. */
export interface LinkTableContext {
  readonly ports: EnginePorts;
  readonly peerId: PeerId;
  readonly agent: string;
  readonly sender: BlockSender;
  readonly search: PeerSearch;
  readonly metainfo: MetainfoFetch;
  /** The swarm that we are in, if we are. */
  readonly runnerOf: (infoHash: InfoHash) => SwarmRunner | undefined;
}

export class LinkTable {
  readonly #context: LinkTableContext;
  readonly #slots: ConnectionSlots;
  readonly #handlers: PeerLinkHandlers;
  readonly #dialler: Dialler;
  readonly #links = new Map<PeerId, PeerLink>();
  readonly #all = new Set<PeerLink>();
  readonly #idle = new IdleLinks();
  #port = 0;
  #isStopped = false;

  constructor(context: LinkTableContext) {
    this.#context = context;
    this.#slots = new ConnectionSlots(() => context.ports.random.next());
    this.#handlers = this.#makeHandlers();
    this.#dialler = new Dialler(context.ports, this.#slots, {
      open: (connection) => this.#open(connection, true),
      start: (link) => {
        this.#start(link);
      },
    });
  }

  /** Links whose other end said hello. */
  get ready(): PeerLink[] {
    return [...this.#links.values()];
  }

  linkOf(peerId: PeerId): PeerLink | undefined {
    return this.#links.get(peerId);
  }

  /** Starts to accept links; returns the port. */
  async listen(): Promise<number> {
    this.#port = await this.#context.ports.transport.listen((link) => {
      this.#start(this.#open(link, false));
    });
    return this.#port;
  }

  /** Where peers of a swarm may be, now and when a link ends: links enter it, others are dialled while we lack pieces. */
  learn(infoHash: InfoHash, peers: readonly (PeerAddress & { readonly peerId?: PeerId })[]): void {
    for (const { peerId: named, ...address } of peers) {
      const peerId = named ?? this.#linkAt(address)?.remote?.peerId;
      if (peerId === this.#context.peerId) continue;
      this.#slots.learn(infoHash, address, peerId);
      if (peerId === undefined || !this.#links.has(peerId)) continue;
      this.#slots.linked(address, peerId);
      if (this.#lacksPieces(infoHash)) this.#links.get(peerId)?.join(infoHash);
    }
    this.#dialNext();
  }

  forget(infoHash: InfoHash, peerId: PeerId): void {
    this.#slots.forget(infoHash, peerId);
  }

  /** The tracker wants us to dial, whether we lack pieces or not. */
  dialFor(infoHash: InfoHash, address: PeerAddress, peerId: PeerId): void {
    if (this.#context.runnerOf(infoHash) === undefined || peerId === this.#context.peerId) return;
    const link = this.#links.get(peerId);
    if (link === undefined) this.#slots.ask(infoHash, address, peerId);
    else link.join(infoHash);
    this.#dialNext();
  }

  /** Dials an address for a person, and enters all the given swarms there. */
  connect(address: PeerAddress, infoHashes: readonly InfoHash[]): Promise<PeerId> {
    const link = this.#linkAt(address);
    if (link?.remote !== undefined) {
      for (const infoHash of infoHashes) link.join(infoHash);
      return Promise.resolve(link.remote.peerId);
    }
    return new Promise((resolve, reject) => {
      void this.#dialler.dial({ address, infoHashes, settle: { resolve, reject } });
    });
  }

  /** Closes the link to a peer for what it did, if it stands, and never links with that peer again. */
  ban(peerId: PeerId, error: ShoalError): void {
    // Several of its pieces may have been under way.
    if (this.#slots.isBanned(peerId)) return;
    const link = this.#links.get(peerId);
    this.#context.ports.log.warn({ peerId, code: error.code }, `banned a peer: ${error.message}`);
    // Where a peer that came in says it is, there may be another: several share the outer address of a NAT.
    this.#slots.ban(peerId, link?.isOutgoing === true ? link.remote?.address : undefined);
    link?.close(error.code, error.message);
  }

  /** We are in a swarm now: enters it on every link whose other end entered it before. */
  enter({ infoHash }: SwarmRunner): void {
    for (const link of this.#links.values()) if (link.isOtherIn(infoHash)) link.join(infoHash);
  }

  /** Leaves a swarm on every link. */
  leave({ infoHash }: SwarmRunner): void {
    this.#slots.forgetSwarm(infoHash);
    for (const link of this.#links.values()) link.leave(infoHash);
  }

  /** Dials whom it is time to dial, and closes links that carry nothing. */
  tick(): void {
    this.#dialNext();
    this.#idle.tick(this.ready, this.#context.ports.clock.now());
  }

  snapshot(): LinkSnapshot[] {
    return this.ready.flatMap(({ remote, swarms, receivedBytes, sentBytes }) => {
      if (remote === undefined) return [];
      const { address, ...who } = remote;
      return [{ ...who, ...address, swarms, receivedBytes, sentBytes }];
    });
  }

  knownPeers(): KnownPeerSnapshot[] {
    return this.#slots.unlinked();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const link of this.#all) link.close('shutting-down', 'the agent stops');
    await this.#context.ports.transport.stop();
  }

  #lacksPieces(infoHash: InfoHash): boolean {
    return this.#context.runnerOf(infoHash)?.swarm.isComplete === false;
  }

  #wantsPeers(infoHash: InfoHash): boolean {
    const peerCount = this.#context.runnerOf(infoHash)?.swarm.peerCount ?? 0;
    return this.#lacksPieces(infoHash) && peerCount < LIMITS.peersPerSwarm;
  }

  #linkAt({ host, port }: PeerAddress): PeerLink | undefined {
    return this.ready.find(({ remote }) => remote?.address.port === port && remote.address.host === host);
  }

  readonly #dialNext = (): void => {
    if (this.#isStopped) return;
    const nowMs = this.#context.ports.clock.now();
    const isWanted = (infoHash: InfoHash): boolean => this.#wantsPeers(infoHash);
    for (const address of this.#slots.next(nowMs, isWanted, (peerId) => this.#links.has(peerId))) {
      const [peerId, infoHashes] = [this.#slots.peerAt(address), this.#slots.swarmsAt(address)];
      const withinMs = this.#slots.patienceMs(address);
      // When it has ended, its place may be free for another.
      void this.#dialler.dial({ address, peerId, infoHashes, withinMs, settle: NOBODY }).then(this.#dialNext);
    }
  };

  #open(link: Link, isOutgoing: boolean): PeerLink {
    const { peerId, agent, ports } = this.#context;
    const us: Introduction = { peerId, port: this.#port, agent };
    const peerLink = new PeerLink(link, { us, isOutgoing, handlers: this.#handlers, clock: ports.clock });
    this.#all.add(peerLink);
    return peerLink;
  }

  #start(link: PeerLink): void {
    if (this.#isStopped) link.close('shutting-down', 'the agent stops');
    else if (this.#all.size > LIMITS.links) link.close('too-many-links', 'all links of this agent are taken');
    else link.start();
  }

  #makeHandlers(): PeerLinkHandlers {
    const { search, sender, metainfo, runnerOf } = this.#context;
    return {
      onReady: (link, remote) => {
        this.#ready(link, remote);
      },
      onJoinWanted: (link, infoHash) => {
        if (runnerOf(infoHash) !== undefined) link.join(infoHash);
      },
      onJoined: (link, infoHash) => {
        this.#joined(link, infoHash);
      },
      onLeft: (link, infoHash) => {
        this.#left(link, infoHash);
      },
      onMessage: (link, infoHash, message) => {
        const peerId = this.#currentPeer(link);
        const runner = runnerOf(infoHash);
        if (runner === undefined) metainfo.heard(link, infoHash, message);
        else if (peerId !== undefined) runner.dispatch({ kind: 'message-received', peerId, message });
      },
      onBlock: (link, infoHash, { piece, begin, bytes }) => {
        const peerId = this.#currentPeer(link);
        if (peerId === undefined) return;
        runnerOf(infoHash)?.dispatch({ kind: 'block-received', peerId, piece, begin, bytes });
      },
      onSearch: (link, id, query) => {
        link.found(id, search.matches(query));
      },
      onFound: (link, id, shares) => {
        search.found(link, id, shares);
      },
      onDrain: (link) => {
        sender.drained(link);
      },
      onClosed: (link, reason) => {
        this.#closed(link, reason);
      },
    };
  }

  #ready(link: PeerLink, remote: RemotePeer): void {
    const refusal = this.#refusalOf(link, remote);
    if (refusal !== undefined) {
      link.close(refusal.code, refusal.message);
      return;
    }
    if (link.isOutgoing) link.greet();
    const rival = this.#links.get(remote.peerId);
    this.#links.set(remote.peerId, link);
    rival?.close('duplicate-link', 'another link to the same peer took its place');
    const wanted = this.#slots.swarmsAt(remote.address).filter((infoHash) => this.#lacksPieces(infoHash));
    for (const infoHash of [...this.#dialler.reached(link, remote), ...wanted]) {
      if (this.#context.runnerOf(infoHash) !== undefined) link.join(infoHash);
    }
  }

  #refusalOf(link: PeerLink, { peerId }: RemotePeer): ShoalError | undefined {
    if (peerId === this.#context.peerId) return new ShoalError('self-link', 'this is our own address');
    if (this.#slots.isBanned(peerId)) return new ShoalError('protocol-violation', 'this peer is banned');
    const expected = this.#dialler.expectedAt(link);
    if ((expected ?? peerId) !== peerId) return new ShoalError('peer-unreachable', 'another peer is expected here');
    const rival = this.#links.get(peerId);
    const newer = { isOutgoing: link.isOutgoing, isOneOfSeveral: expected !== undefined };
    if (rival === undefined || takesThePlace(newer, rival, this.#context.peerId < peerId)) return undefined;
    return new ShoalError('duplicate-link', 'there is a link to this peer already');
  }

  #joined(link: PeerLink, infoHash: InfoHash): void {
    const peerId = this.#currentPeer(link);
    if (peerId === undefined) return;
    const runner = this.#context.runnerOf(infoHash);
    if (runner === undefined) {
      this.#context.metainfo.joined(link, infoHash);
      return;
    }
    runner.dispatch({ kind: 'peer-joined', peerId });
    const others = this.ready.filter((other) => other !== link && other.isIn(infoHash));
    const peers = peerHints(others, link.remoteHost);
    if (peers.length > 0) link.send(infoHash, { kind: 'peers', peers });
  }

  #left(link: PeerLink, infoHash: InfoHash): void {
    const peerId = this.#currentPeer(link);
    if (peerId !== undefined) this.#context.runnerOf(infoHash)?.dispatch({ kind: 'peer-left', peerId });
  }

  #closed(link: PeerLink, reason: ShoalError | undefined): void {
    this.#all.delete(link);
    this.#idle.forget(link);
    this.#context.sender.forget(link);
    this.#context.search.forget(link);
    const { remote } = link;
    if (remote !== undefined && this.#links.get(remote.peerId) === link) this.#links.delete(remote.peerId);
    this.#dialler.closed(link, reason, remote !== undefined && this.#links.has(remote.peerId));
    if (remote === undefined) return;
    for (const infoHash of link.swarms) {
      this.#context.runnerOf(infoHash)?.dispatch({ kind: 'peer-left', peerId: remote.peerId });
    }
  }

  /** The peer at the other end, if this is the link that we keep to it. */
  #currentPeer(link: PeerLink): PeerId | undefined {
    const peerId = link.remote?.peerId;
    return peerId !== undefined && this.#links.get(peerId) === link ? peerId : undefined;
  }
}
