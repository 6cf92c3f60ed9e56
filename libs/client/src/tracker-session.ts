import {
  normaliseTrackerUrl,
  LIMITS,
  reportError,
  type ErrorReport,
  type FromTracker,
  type HandedPeer,
  type InfoHash,
  type PeerAddress,
  type PeerId,
  type SwarmReport,
  toText,
} from '@shoal/protocol';
import { reportLots } from './report-lots.ts';
import { retryDelay, type RetryBounds } from './retry-delay.ts';
import { SessionLedger, type Urgency } from './session-ledger.ts';
import { TrackerConnection, type Ending } from './tracker-connection.ts';

/** Who we are to a tracker. */
export interface TrackerIdentity {
  readonly peerId: PeerId;
  /** Where we accept links; 0 when we do not. */
  readonly port: number;
  readonly agent: string;
}

/** What a tracker wants to be told for people who look at the fleet. */
export type Watch = Omit<Extract<FromTracker, { readonly kind: 'watch' }>, 'kind'>;

/** What a tracker tells us. */
export interface TrackerHandlers {
  onPeers(infoHash: InfoHash, added: readonly HandedPeer[], removed: readonly PeerId[]): void;
  /** This peer cannot dial us, because we are not reachable for it: dial it from here. */
  onDial(infoHash: InfoHash, peer: HandedPeer): void;
  /** The session stands, and our connection comes from there. */
  onWelcome(observedHost: string): void;
  /** Origins of the web pages that may open links to us, by this tracker's word. Called with every welcome. */
  onPageOrigins?(origins: readonly string[]): void;
  /** Where others reach us, as the tracker found out; undefined where they do not. */
  onReachability(at: PeerAddress | undefined): void;
  /** What the tracker wants to be told of us; undefined when the session is lost, for the next one was told nothing. */
  onWatch?(watch: Watch | undefined): void;
  /** Called when the session is lost or stands again; `problem` is absent while it stands. */
  onState(problem: ErrorReport | undefined): void;
}

/** What a session may be given instead of the usual. */
export interface TrackerSessionOptions {
  /** Another address to hand out; the tracker uses it once it has reached us there. */
  readonly advertised?: PeerAddress;
  /** Addresses of our interfaces at this moment, for agents in the same private network. */
  readonly localHosts?: () => readonly string[];
  /** What our machine is called, for people; the rest of a long name is left out. */
  readonly name?: string;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly retry?: RetryBounds;
  /** How long progress that is not a completion may wait before the tracker is told. */
  readonly progressMs?: number;
  readonly pingMs?: number;
}

/** One tracker's session. It reconnects by itself and then announces everything again. */
export interface TrackerSession {
  /** Enters a swarm, or tells how far we are in it. `left` is the bytes still lacking. */
  announce(infoHash: InfoHash, left: number): void;
  leave(infoHash: InfoHash): void;
  /** Has `onListed` called when the catalogue has something new or newly seeded, and whenever that may have been missed. */
  follow(onListed: () => void): void;
  /** Tells how we stand in swarms; nothing happens while the session is lost. */
  report(swarms: readonly SwarmReport[]): void;
  /** Leaves all swarms and lets go of everything; no handler is called any more. */
  stop(): Promise<void>;
}

/** A session that stood this long was a good one: the next attempt comes soon. */
const GOOD_SESSION_MS = 5_000;
const USUAL = {
  advertised: undefined,
  localHosts: () => [],
  name: '',
  random: Math.random,
  retry: { baseMs: 250, capMs: 15_000 },
  progressMs: 3_000,
  pingMs: LIMITS.pingMs,
};

/**
 * Opens a session with a tracker and keeps it. What becomes of it, `onState` tells.
 * @throws ShoalError `bad-tracker-url`
 */
export function openTrackerSession(
  url: string,
  identity: TrackerIdentity,
  handlers: TrackerHandlers,
  options: TrackerSessionOptions = {},
): TrackerSession {
  const parts = { identity, handlers, options: { ...USUAL, ...options } };
  return new ReconnectingSession(normaliseTrackerUrl(url), parts);
}

interface SessionParts {
  readonly identity: TrackerIdentity;
  readonly handlers: TrackerHandlers;
  readonly options: Required<Omit<TrackerSessionOptions, 'advertised'>> & {
    readonly advertised?: PeerAddress | undefined;
  };
}

class ReconnectingSession implements TrackerSession {
  readonly #url: string;
  readonly #parts: SessionParts;
  readonly #ledger = new SessionLedger();
  #connection: TrackerConnection;
  #retryTimer: NodeJS.Timeout | undefined;
  #progressTimer: NodeJS.Timeout | undefined;
  #flushHandle: NodeJS.Immediate | undefined;
  #isOpen = false;
  #isStopped = false;
  #failures = 0;
  #onListed: () => void = () => undefined;
  /** What `onState` said last; nothing before the first attempt has ended. */
  #state: string | undefined;

  constructor(url: string, parts: SessionParts) {
    this.#url = url;
    this.#parts = parts;
    this.#connection = this.#connect();
  }

  announce(infoHash: InfoHash, left: number): void {
    this.#schedule(this.#ledger.announce(infoHash, left));
  }

  leave(infoHash: InfoHash): void {
    this.#schedule(this.#ledger.leave(infoHash));
  }

  follow(onListed: () => void): void {
    this.#onListed = onListed;
    this.#schedule(this.#ledger.follow());
  }

  report(swarms: readonly SwarmReport[]): void {
    if (!this.#isOpen || this.#isStopped) return;
    for (const lot of reportLots(swarms)) this.#connection.send({ kind: 'report', swarms: lot });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retryTimer);
    this.#unschedule();
    await this.#connection.close();
  }

  #connect(): TrackerConnection {
    const handlers = {
      onOpen: () => {
        this.#greet();
      },
      onMessage: (message: FromTracker) => {
        if (!this.#isStopped) this.#handle(message);
      },
      onEnd: (ending: Ending) => {
        if (!this.#isStopped) this.#retry(ending);
      },
    };
    return new TrackerConnection(this.#url, handlers, this.#parts.options.pingMs);
  }

  /** The announces follow the hello at once: the tracker needs no pause between them. */
  #greet(): void {
    const { identity, options } = this.#parts;
    const { peerId, port, agent } = identity;
    const advertised = options.advertised === undefined ? {} : { advertised: options.advertised };
    const hosts = options.localHosts().slice(0, LIMITS.localHosts);
    const localHosts = hosts.length === 0 ? {} : { localHosts: hosts };
    const text = toText(options.name.slice(0, LIMITS.machineNameLength));
    const name = text === '' ? {} : { name: text };
    this.#connection.send({ kind: 'hello', version: 1, peerId, port, agent, ...name, ...advertised, ...localHosts });
    this.#isOpen = true;
    this.#flush();
  }

  #handle(message: FromTracker): void {
    const { handlers } = this.#parts;
    switch (message.kind) {
      case 'welcome':
        this.#welcomed(message);
        return;
      case 'reachability':
        handlers.onReachability(message.at);
        return;
      case 'listed':
        this.#onListed();
        return;
      case 'dial':
        handlers.onDial(message.infoHash, message.peer);
        return;
      case 'watch':
        handlers.onWatch?.({ isLookedAt: message.isLookedAt, infoHashes: message.infoHashes });
        return;
      case 'peers':
        for (const each of message.infoHashes) handlers.onPeers(each, message.added, message.removed);
        return;
      case 'error':
      // The connection tells it when it ends.
    }
  }

  #welcomed({ observedHost, pageOrigins = [] }: Extract<FromTracker, { kind: 'welcome' }>): void {
    const { handlers } = this.#parts;
    this.#tell(undefined);
    handlers.onWelcome(observedHost);
    handlers.onPageOrigins?.(pageOrigins);
  }

  #retry({ problem, retryAfterMs, stoodMs }: Ending): void {
    const { random, retry } = this.#parts.options;
    this.#isOpen = false;
    this.#unschedule();
    this.#ledger.forgetSaid();
    this.#parts.handlers.onWatch?.(undefined);
    if (stoodMs >= GOOD_SESSION_MS) this.#failures = 0;
    const delayMs = retryAfterMs + retryDelay(this.#failures++, retry, random());
    this.#retryTimer = setTimeout(() => {
      this.#connection = this.#connect();
    }, delayMs);
    this.#tell(reportError(problem));
  }

  /** The same problem is told once, however many attempts meet it. */
  #tell(problem: ErrorReport | undefined): void {
    const state = problem === undefined ? '' : problem.code + problem.message;
    if (state === this.#state) return;
    this.#state = state;
    this.#parts.handlers.onState(problem);
  }

  #schedule(urgency: Urgency): void {
    if (!this.#isOpen || this.#isStopped || urgency === 'never') return;
    if (urgency === 'now') {
      this.#flushHandle ??= setImmediate(() => {
        this.#flush();
      });
    } else {
      this.#progressTimer ??= setTimeout(() => {
        this.#flush();
      }, this.#parts.options.progressMs);
    }
  }

  #unschedule(): void {
    clearImmediate(this.#flushHandle);
    clearTimeout(this.#progressTimer);
    this.#flushHandle = undefined;
    this.#progressTimer = undefined;
  }

  #flush(): void {
    this.#unschedule();
    for (const message of this.#ledger.takeMessages()) this.#connection.send(message);
  }
}
