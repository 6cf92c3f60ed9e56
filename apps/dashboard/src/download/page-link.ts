/**
 * A page's end of a link to an agent, for one swarm: dial, hello, join, frames. What is said about the swarm it passes
 * on; it offers nothing, and other swarms it does not hear.
 */
import {
  decodeBlockFrame,
  encodePeerMessage,
  LIMITS,
  parsePeerMessage,
  PEER_PROTOCOL_VERSION,
  reportError,
  ShoalError,
  type BlockFrame,
  type ErrorCode,
  type InfoHash,
  type PeerId,
  type PeerMessage,
  type SwarmMessageBody,
} from '@shoal/protocol';
import type { Clock } from './clock.ts';
import type { OpenSocket, Socket } from './socket.ts';

/** Our number for the swarm, the only one that we join. */
const CHANNEL = 0;
const PAGE = 'shoal/page';

/** Whom a link is to lead to, and for what. */
export interface LinkTarget {
  readonly url: string;
  readonly peerId: PeerId;
  readonly infoHash: InfoHash;
  /** Who we say that we are: made up, since nobody ever dials a page. */
  readonly ownId: PeerId;
}

/** None is called after `onClosed`. */
export interface PageLinkHandlers {
  /** Both sides are in the swarm: now we speak. */
  onLive(): void;
  onMessage(message: SwarmMessageBody): void;
  onBlock(frame: BlockFrame): void;
  /** @param wasOpen whether the socket had opened: where it had not, the browser does not say why */
  onClosed(error: ShoalError, wasOpen: boolean): void;
}

/** How far a link is. */
type Stage = 'dialling' | 'open' | 'greeted' | 'live' | 'closed';

export class PageLink {
  readonly #target: LinkTarget;
  readonly #handlers: PageLinkHandlers;
  readonly #clock: Clock;
  /** What the other side numbered: swarm by channel. */
  readonly #theirs = new Map<number, InfoHash>();
  #socket: Socket | undefined;
  #stage: Stage = 'dialling';
  #cancelDeadline: () => void = () => undefined;

  /** Dials. Throws what `openSocket` throws. */
  constructor(
    target: LinkTarget,
    handlers: PageLinkHandlers,
    { openSocket, clock }: { openSocket: OpenSocket; clock: Clock },
  ) {
    this.#target = target;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#expectWithin(LIMITS.dialMs, 'no answer in time');
    try {
      this.#socket = openSocket(target.url, this.#socketHandlers());
    } catch (error) {
      this.#cancelDeadline();
      throw error;
    }
  }

  /** Says something about the swarm, once it is live. */
  send(body: SwarmMessageBody): void {
    if (this.#stage === 'live') this.#say({ ...body, channel: CHANNEL });
  }

  /** Says why, and closes. */
  close(code: ErrorCode, message: string): void {
    if (this.#stage === 'closed') return;
    if (this.#stage !== 'dialling') this.#say({ kind: 'bye', code, message });
    this.#end(new ShoalError(code, message));
  }

  #socketHandlers(): Parameters<OpenSocket>[1] {
    return {
      onOpen: () => {
        if (this.#stage !== 'dialling') return;
        this.#stage = 'open';
        this.#expectWithin(LIMITS.helloMs, 'no hello in time');
      },
      onMessage: (data) => {
        this.#guard(() => {
          if (typeof data === 'string') this.#hear(parsePeerMessage(data));
          else this.#takeBlock(decodeBlockFrame(new Uint8Array(data)));
        });
      },
      onClose: () => {
        this.#end(new ShoalError('peer-unreachable', this.#stage === 'dialling' ? 'no link' : 'the link broke off'));
      },
    };
  }

  #hear(message: PeerMessage): void {
    if (message.kind === 'bye') this.#end(byeError(message));
    else if (message.kind === 'hello') this.#greet(message);
    else if (this.#stage === 'open') throw violation(`"${message.kind}" before hello`);
    else if (message.kind === 'join') this.#joined(message.channel, message.infoHash);
    else if (message.kind === 'leave') this.#left(message.channel);
    else if (message.kind === 'search') this.#say({ kind: 'found', id: message.id, shares: [] });
    else if (message.kind !== 'found') {
      const { channel, ...body } = message;
      if (this.#isOurs(channel)) this.#handlers.onMessage(body);
    }
  }

  /** We dialled, so we hear first who is there, and leave without a word when it is somebody else. */
  #greet({ version, peerId }: Extract<PeerMessage, { kind: 'hello' }>): void {
    const { target, ownId, infoHash } = { target: this.#target, ...this.#target };
    if (this.#stage !== 'open') throw violation('a second hello');
    if (peerId !== target.peerId) {
      this.#end(new ShoalError('peer-unreachable', 'another agent answers there'));
      return;
    }
    if (version !== PEER_PROTOCOL_VERSION) throw new ShoalError('unsupported-version', `it speaks version ${version}`);
    this.#stage = 'greeted';
    this.#say({ kind: 'hello', version: PEER_PROTOCOL_VERSION, peerId: ownId, port: 0, agent: PAGE });
    this.#say({ kind: 'join', channel: CHANNEL, infoHash });
    this.#expectWithin(LIMITS.helloMs, 'it does not have the share');
  }

  #joined(channel: number, infoHash: InfoHash): void {
    if (this.#theirs.has(channel) || [...this.#theirs.values()].includes(infoHash)) throw violation('a join twice');
    if (this.#theirs.size >= LIMITS.channelsPerLink) throw violation('too many channels');
    this.#theirs.set(channel, infoHash);
    if (infoHash !== this.#target.infoHash) return;
    this.#cancelDeadline();
    this.#stage = 'live';
    this.#handlers.onLive();
  }

  #left(channel: number): void {
    const isOurs = this.#isOurs(channel);
    this.#theirs.delete(channel);
    if (isOurs) this.close('unknown-share', 'it does not have the share any more');
  }

  #takeBlock(frame: BlockFrame): void {
    if (this.#stage === 'open') throw violation('a block before hello');
    if (this.#isOurs(frame.channel)) this.#handlers.onBlock(frame);
  }

  #isOurs(channel: number): boolean {
    const infoHash = this.#theirs.get(channel);
    if (infoHash === undefined) throw violation(`channel ${channel}, which stands for no swarm`);
    return infoHash === this.#target.infoHash;
  }

  #say(message: PeerMessage): void {
    this.#socket?.send(encodePeerMessage(message));
  }

  #expectWithin(delayMs: number, otherwise: string): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#clock.setTimer(delayMs, () => {
      if (this.#stage === 'dialling') this.#end(new ShoalError('peer-unreachable', otherwise));
      else this.close('timed-out', otherwise);
    });
  }

  /** Whatever a frame breaks ends this link and nothing else. */
  #guard(read: () => void): void {
    if (this.#stage === 'closed') return;
    try {
      read();
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      const { code, message } = reportError(error);
      this.close(code, message);
    }
  }

  #end(error: ShoalError): void {
    if (this.#stage === 'closed') return;
    const wasOpen = this.#stage !== 'dialling';
    this.#stage = 'closed';
    this.#cancelDeadline();
    this.#socket?.close();
    this.#handlers.onClosed(error, wasOpen);
  }
}

function byeError({ code, message }: Extract<PeerMessage, { kind: 'bye' }>): ShoalError {
  return new ShoalError('peer-unreachable', `it closed the link (${code}): ${message}`);
}

function violation(what: string): ShoalError {
  return new ShoalError('protocol-violation', `the agent sent ${what}`);
}
