/** Which agents a download is linked to: a few of those that others reach, again after a while where it failed. */
import {
  isLoopback,
  PEER_PATH,
  ShoalError,
  type BlockFrame,
  type InfoHash,
  type PeerId,
  type SwarmMember,
  type SwarmMessageBody,
} from '@shoal/protocol';
import type { Clock } from './clock.ts';
import { PageLink } from './page-link.ts';
import type { Probe } from './probe.ts';
import type { OpenSocket } from './socket.ts';

/** Links at once: enough for any line, and few for the agents, which share what they send among all that want it. */
const MOST_LINKS = 6;
const MOST_FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Where the page came from, as `location` says it. */
interface PagePlace {
  readonly protocol: string;
  readonly hostname: string;
  readonly origin: string;
}

export interface DialParts {
  readonly infoHash: InfoHash;
  readonly ownId: PeerId;
  readonly place: PagePlace;
  readonly openSocket: OpenSocket;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Whether anything answers HTTP there: a browser does not say why a socket did not open. */
  readonly probe: (url: string) => Promise<Probe>;
}

/** What is told of the links. */
export interface AgentHandlers {
  onLive(agent: DialledAgent): void;
  onMessage(agent: DialledAgent, message: SwarmMessageBody): void;
  onBlock(agent: DialledAgent, frame: BlockFrame): void;
  /** A link that was live has ended. */
  onGone(agent: DialledAgent): void;
}

/** An agent that is, or was, or may be linked. */
export interface DialledAgent {
  readonly id: PeerId;
  /** What its machine is called, or where it is. */
  readonly name: string;
  send(body: SwarmMessageBody): void;
  /** It broke the rules: no more of it in this download. */
  ban(error: ShoalError): void;
}

/** What stands between us and an agent. */
export interface AgentTrouble {
  readonly name: string;
  readonly error: ShoalError;
}

interface Entry {
  readonly agent: DialledAgent;
  member: SwarmMember;
  link: PageLink | undefined;
  isLive: boolean;
  isBanned: boolean;
  failures: number;
  nextMs: number;
  error: ShoalError | undefined;
}

export class DialledAgents {
  readonly #parts: DialParts;
  readonly #handlers: AgentHandlers;
  readonly #entries = new Map<PeerId, Entry>();
  #isStopped = false;

  constructor(parts: DialParts, handlers: AgentHandlers) {
    this.#parts = parts;
    this.#handlers = handlers;
  }

  /** What the agents are that have the share, or a part of it. */
  know(members: readonly SwarmMember[]): void {
    const here = new Set(members.map(({ peerId }) => peerId));
    for (const member of members) {
      const known = this.#entries.get(member.peerId);
      if (known !== undefined) meetAgain(known, member);
      else if (member.port !== 0) this.#entries.set(member.peerId, this.#entryOf(member));
    }
    for (const [peerId, { link, isBanned }] of this.#entries) {
      if (!here.has(peerId) && link === undefined && !isBanned) this.#entries.delete(peerId);
    }
    this.tick();
  }

  get liveCount(): number {
    return [...this.#entries.values()].filter(({ isLive }) => isLive).length;
  }

  /** Agents that were tried, and none of them is left to try. */
  get isHopeless(): boolean {
    const entries = [...this.#entries.values()];
    return entries.length > 0 && entries.every(({ isBanned, failures }) => isBanned || failures >= MOST_FAILURES);
  }

  /** What went wrong with whom, as far as it is not over. */
  get troubles(): AgentTrouble[] {
    return [...this.#entries.values()].flatMap(({ agent, error }) => {
      return error === undefined ? [] : [{ name: agent.name, error }];
    });
  }

  /** Dials whom it is time to dial. */
  tick(): void {
    if (this.#isStopped) return;
    const nowMs = this.#parts.clock.now();
    const entries = [...this.#entries.values()];
    let free = MOST_LINKS - entries.filter(({ link }) => link !== undefined).length;
    const next = entries
      .filter((entry) => isCandidate(entry, nowMs))
      .map((entry) => ({ entry, left: entry.member.left, chance: this.#parts.random() }))
      .sort((a, b) => a.entry.failures - b.entry.failures || a.left - b.left || a.chance - b.chance);
    for (const { entry } of next) if (free-- > 0) this.#dial(entry);
  }

  /** Closes all links. */
  stop(): void {
    this.#isStopped = true;
    for (const { link } of this.#entries.values()) link?.close('idle', 'the page wants nothing more');
  }

  #entryOf(member: SwarmMember): Entry {
    const agent: DialledAgent = {
      id: member.peerId,
      name: member.name === '' ? `${member.host}:${member.port}` : member.name,
      send: (body) => {
        entry.link?.send(body);
      },
      ban: (error) => {
        entry.isBanned = true;
        entry.error = error;
        entry.link?.close(error.code, error.message);
      },
    };
    const state = { link: undefined, isLive: false, isBanned: false, failures: 0, nextMs: -Infinity, error: undefined };
    const entry: Entry = { agent, member, ...state };
    return entry;
  }

  #dial(entry: Entry): void {
    const { infoHash, ownId, place, openSocket, clock } = this.#parts;
    const { host, port, peerId } = entry.member;
    const address = { host: isLoopback(host) ? place.hostname : host, port };
    if (place.protocol === 'https:' && !isLoopback(address.host)) {
      this.#giveUp(entry, mixedContent());
      return;
    }
    const authority = `${bracketed(address.host)}:${port}`;
    try {
      const target = { url: `ws://${authority}${PEER_PATH}`, peerId, infoHash, ownId };
      entry.link = new PageLink(target, this.#linkHandlers(entry, authority), { openSocket, clock });
    } catch (cause) {
      this.#giveUp(entry, new ShoalError('peer-unreachable', 'the browser does not let a page dial it', { cause }));
    }
  }

  #linkHandlers(entry: Entry, authority: string): ConstructorParameters<typeof PageLink>[1] {
    const { agent } = entry;
    return {
      onLive: () => {
        Object.assign(entry, { isLive: true, failures: 0, error: undefined });
        this.#handlers.onLive(agent);
      },
      onMessage: (message) => {
        this.#handlers.onMessage(agent, message);
      },
      onBlock: (frame) => {
        this.#handlers.onBlock(agent, frame);
      },
      onClosed: (error, wasOpen) => {
        const wasLive = entry.isLive;
        Object.assign(entry, { link: undefined, isLive: false });
        if (!this.#isStopped) this.#failed(entry, error);
        if (!wasOpen && !this.#isStopped) void this.#explain(entry, authority);
        if (wasLive) this.#handlers.onGone(agent);
        this.tick();
      },
    };
  }

  #failed(entry: Entry, error: ShoalError): void {
    const { clock, random } = this.#parts;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** entry.failures) * (0.5 + random() / 2);
    entry.failures++;
    entry.nextMs = clock.now() + pauseMs;
    if (!entry.isBanned) entry.error = error;
  }

  #giveUp(entry: Entry, error: ShoalError): void {
    entry.failures = MOST_FAILURES;
    entry.error = error;
  }

  /** A browser tells a page nothing of a socket that did not open. If something answers there, it is the agent that refuses. */
  async #explain(entry: Entry, authority: string): Promise<void> {
    const probe = await this.#parts.probe(`http://${authority}${PEER_PATH}`);
    if (!entry.isLive && !entry.isBanned) entry.error = notOpened(probe, authority, this.#parts.place.origin);
  }
}

/** One that is at another address now was started anew: what failed there before says nothing. */
function meetAgain(entry: Entry, member: SwarmMember): void {
  const { host, port } = entry.member;
  if (host !== member.host || port !== member.port) Object.assign(entry, { failures: 0, nextMs: -Infinity });
  entry.member = member;
}

function isCandidate({ link, isBanned, failures, nextMs, member }: Entry, nowMs: number): boolean {
  return link === undefined && !isBanned && failures < MOST_FAILURES && nextMs <= nowMs && member.port !== 0;
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function mixedContent(): ShoalError {
  const why = 'this page came over https, and browsers let such a page open no unencrypted link to another machine';
  return new ShoalError('peer-unreachable', `${why}; open it over http, or download with shoal`);
}

function notOpened(probe: Probe, authority: string, origin: string): ShoalError {
  const refusal = `takes no link from pages of ${origin}`;
  const advice = `its owner has to start it with --page-origin ${origin}`;
  switch (probe) {
    case 'answers':
      return new ShoalError('forbidden-origin', `it is there, and ${refusal}: if it is not just busy, ${advice}`);
    case 'silent':
      return new ShoalError('peer-unreachable', `nothing answers at ${authority}, as seen from this browser`);
    case 'unknown':
      return new ShoalError(
        'peer-unreachable',
        `no link to ${authority}: either this browser does not reach it, or it ${refusal}; then ${advice}`,
      );
  }
}
