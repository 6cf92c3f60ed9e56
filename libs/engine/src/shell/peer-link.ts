import {
  decodeBlockFrame,
  encodeBlockHeader,
  encodePeerMessage,
  LIMITS,
  parsePeerMessage,
  PEER_PROTOCOL_VERSION,
  reportError,
  ShoalError,
} from '@shoal/protocol';
import type {
  Block,
  BlockFrame,
  ErrorCode,
  FoundShare,
  InfoHash,
  PeerAddress,
  PeerId,
  PeerMessage,
  SwarmMessage,
  SwarmMessageBody,
} from '@shoal/protocol';
import { Channels } from './channels.ts';
import type { Clock, Link } from './ports.ts';

/** Who the other side says it is. */
export interface RemotePeer {
  readonly peerId: PeerId;
  readonly agent: string;
  /** Where it accepts links, seen from here; port 0 when it does not. */
  readonly address: PeerAddress;
}

/** What a link tells the engine. None is called after `onClosed`. */
export interface PeerLinkHandlers {
  /** The other side said hello; now we `greet` it if we dialled it. */
  onReady(link: PeerLink, remote: RemotePeer): void;
  /** The other side entered a swarm that we have not entered on this link. */
  onJoinWanted(link: PeerLink, infoHash: InfoHash): void;
  /** Both sides have entered a swarm. */
  onJoined(link: PeerLink, infoHash: InfoHash): void;
  onLeft(link: PeerLink, infoHash: InfoHash): void;
  onMessage(link: PeerLink, infoHash: InfoHash, message: SwarmMessageBody): void;
  onBlock(link: PeerLink, infoHash: InfoHash, frame: BlockFrame): void;
  onSearch(link: PeerLink, id: number, query: string): void;
  onFound(link: PeerLink, id: number, shares: readonly FoundShare[]): void;
  onDrain(link: PeerLink): void;
  onClosed(link: PeerLink, reason: ShoalError | undefined): void;
}

/** What we say of ourselves. */
export interface Introduction {
  readonly peerId: PeerId;
  readonly port: number;
  readonly agent: string;
}

/** The protocol of one link: hello, channels, frames. What is said about a swarm it passes on without a look. */
export class PeerLink {
  /** Whether we dialled. */
  readonly isOutgoing: boolean;
  readonly #link: Link;
  readonly #us: Introduction;
  readonly #handlers: PeerLinkHandlers;
  readonly #channels = new Channels();
  #remote: RemotePeer | undefined;
  #cancelTimer: () => void;
  #isClosed = false;
  #receivedBytes = 0;
  #sentBytes = 0;

  constructor(
    link: Link,
    options: { us: Introduction; isOutgoing: boolean; handlers: PeerLinkHandlers; clock: Clock },
  ) {
    this.#link = link;
    this.isOutgoing = options.isOutgoing;
    this.#handlers = options.handlers;
    this.#cancelTimer = options.clock.setTimer(LIMITS.helloMs, () => {
      this.close('timed-out', 'no hello in time');
    });
    this.#us = options.us;
  }

  /**
   * Starts to listen. Who was dialled says hello at once; who dialled hears first who is there, and leaves without a
   * word when it is somebody else: a hello would take the place of a link that the two have already.
   */
  start(): void {
    if (this.#isClosed) return;
    if (!this.isOutgoing) this.greet();
    this.#link.receive({
      onText: (frame) => {
        this.#guard(() => {
          this.#onMessage(parsePeerMessage(frame));
        });
      },
      onBinary: (frame) => {
        this.#guard(() => {
          this.#onBlock(decodeBlockFrame(frame));
        });
      },
      onTooLarge: () => {
        this.close('too-large', 'a message that is larger than it may be');
      },
      onDrain: () => {
        if (!this.#isClosed) this.#handlers.onDrain(this);
      },
      onClose: () => {
        this.#closed(undefined);
      },
    });
  }

  /** Says hello. */
  greet(): void {
    this.#send({ kind: 'hello', version: PEER_PROTOCOL_VERSION, ...this.#us });
  }

  /** The other side; undefined until it said hello. */
  get remote(): RemotePeer | undefined {
    return this.#remote;
  }

  get remoteHost(): string {
    return this.#link.remoteHost;
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  /** Payload since the link stands. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Swarms that both sides have entered. */
  get swarms(): InfoHash[] {
    return this.#channels.live;
  }

  /** Whether both sides have entered any swarm. */
  get isUsed(): boolean {
    return this.#channels.hasLive;
  }

  /** Whether both sides have entered a swarm. */
  isIn(infoHash: InfoHash): boolean {
    return this.#channels.isLive(infoHash);
  }

  /** Whether the other side has entered a swarm. */
  isOtherIn(infoHash: InfoHash): boolean {
    return this.#channels.isOtherIn(infoHash);
  }

  /** Enters a swarm; nothing happens when we are in it already. */
  join(infoHash: InfoHash): void {
    if (this.#isClosed) return;
    const channel = this.#channels.join(infoHash);
    if (channel === undefined) return;
    this.#send({ kind: 'join', channel, infoHash });
    if (this.isIn(infoHash)) this.#handlers.onJoined(this, infoHash);
  }

  leave(infoHash: InfoHash): void {
    const channel = this.#channels.leave(infoHash);
    if (channel !== undefined) this.#send({ kind: 'leave', channel });
  }

  /** Sends a message about a swarm; dropped when we are not in it any more. */
  send(infoHash: InfoHash, body: SwarmMessageBody): void {
    const channel = this.#channels.of(infoHash);
    if (channel === undefined) return;
    if (body.kind === 'metainfo?') this.#link.expectLarge();
    this.#send({ ...body, channel });
  }

  /** Sends one block; returns whether we are still in its swarm. */
  sendBlock(infoHash: InfoHash, block: Block, bytes: Uint8Array): boolean {
    const channel = this.#channels.of(infoHash);
    if (channel === undefined || this.#isClosed) return false;
    this.#link.sendBinary(encodeBlockHeader(channel, block.piece, block.begin), bytes);
    this.#sentBytes += bytes.length;
    return true;
  }

  search(id: number, query: string): void {
    this.#send({ kind: 'search', id, query });
  }

  found(id: number, shares: readonly FoundShare[]): void {
    this.#send({ kind: 'found', id, shares });
  }

  /** Says why, and closes. */
  close(code: ErrorCode, message: string): void {
    if (this.#isClosed) return;
    this.#send({ kind: 'bye', code, message });
    this.#link.close();
    this.#closed(new ShoalError(code, message));
  }

  #send(message: PeerMessage): void {
    if (!this.#isClosed) this.#link.sendText(encodePeerMessage(message));
  }

  #closed(reason: ShoalError | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    this.#handlers.onClosed(this, reason);
  }

  /** Whatever a frame breaks ends this link and nothing else. */
  #guard(read: () => void): void {
    if (this.#isClosed) return;
    try {
      read();
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      const { code, message } = reportError(error);
      this.close(code, message);
    }
  }

  #onMessage(message: PeerMessage): void {
    if (message.kind === 'hello') this.#onHello(message);
    else if (message.kind === 'bye') this.#onBye(message.code, message.message);
    else if (this.#remote === undefined) throw violation(`"${message.kind}" before hello`);
    else if (message.kind === 'join') this.#onJoin(message.channel, message.infoHash);
    else if (message.kind === 'leave') this.#onLeave(message.channel);
    else if (message.kind === 'search') this.#handlers.onSearch(this, message.id, message.query);
    else if (message.kind === 'found') this.#handlers.onFound(this, message.id, message.shares);
    else this.#onSwarmMessage(message);
  }

  #onHello({ version, peerId, port, agent }: Extract<PeerMessage, { kind: 'hello' }>): void {
    if (this.#remote !== undefined) throw violation('a second hello');
    if (version !== PEER_PROTOCOL_VERSION) {
      throw new ShoalError('unsupported-version', `the peer speaks version ${String(version)}`);
    }
    this.#cancelTimer();
    this.#remote = { peerId, agent, address: { host: this.#link.remoteHost, port } };
    this.#handlers.onReady(this, this.#remote);
  }

  #onBye(code: string, message: string): void {
    this.#link.close();
    this.#closed(new ShoalError('peer-unreachable', `the peer closed the link (${code}): ${message}`));
  }

  #onJoin(channel: number, infoHash: InfoHash): void {
    this.#channels.theyJoin(channel, infoHash);
    if (this.isIn(infoHash)) this.#handlers.onJoined(this, infoHash);
    else this.#handlers.onJoinWanted(this, infoHash);
  }

  #onLeave(channel: number): void {
    const infoHash = this.#channels.theyLeave(channel);
    if (infoHash !== undefined) this.#handlers.onLeft(this, infoHash);
  }

  #onSwarmMessage({ channel, ...body }: SwarmMessage): void {
    const infoHash = this.#channels.hear(channel, body.kind);
    if (infoHash !== undefined) this.#handlers.onMessage(this, infoHash, body);
  }

  #onBlock(frame: BlockFrame): void {
    const infoHash = this.#channels.hear(frame.channel, 'block');
    this.#receivedBytes += frame.bytes.length;
    if (infoHash !== undefined) this.#handlers.onBlock(this, infoHash, frame);
  }
}

function violation(what: string): ShoalError {
  return new ShoalError('protocol-violation', `the peer sent ${what}`);
}
