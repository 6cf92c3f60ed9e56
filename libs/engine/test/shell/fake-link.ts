import {
  decodeBlockFrame,
  encodePeerMessage,
  parsePeerMessage,
  PEER_PROTOCOL_VERSION,
  type BlockFrame,
  type InfoHash,
  type PeerId,
  type PeerMessage,
} from '@shoal/protocol';
import { PeerLink, type PeerLinkHandlers } from '../../src/shell/peer-link.ts';
import type { Clock, Link, LinkHandlers } from '../../src/shell/ports.ts';

export const X = 'a'.repeat(64) as InfoHash;
export const Y = 'b'.repeat(64) as InfoHash;

/** The peer id of the n-th peer of a test. */
export function aPeerId(n: number): PeerId {
  return n.toString(16).padStart(64, '0') as PeerId;
}

/** A link whose other end is the test. */
export class FakeLink implements Link {
  readonly remoteHost = '10.0.0.9';
  queuedBytes = 0;
  isClosed = false;
  /** How many large messages it was told to take. */
  largeExpected = 0;
  /** What was sent, in order. */
  readonly sent: PeerMessage[] = [];
  readonly sentBlocks: BlockFrame[] = [];
  #handlers: LinkHandlers | undefined;

  receive(handlers: LinkHandlers): void {
    this.#handlers = handlers;
  }

  sendText(frame: string): void {
    if (!this.isClosed) this.sent.push(parsePeerMessage(frame));
  }

  sendBinary(header: Uint8Array, payload: Uint8Array): void {
    const frame = new Uint8Array(header.length + payload.length);
    frame.set(header);
    frame.set(payload, header.length);
    this.sentBlocks.push(decodeBlockFrame(frame));
  }

  expectLarge(): void {
    this.largeExpected++;
  }

  close(): void {
    this.isClosed = true;
  }

  /** The other end says something. */
  say(...messages: PeerMessage[]): void {
    for (const message of messages) this.sayText(encodePeerMessage(message));
  }

  sayText(frame: string): void {
    this.#handlers?.onText(frame);
  }

  /** The other end says hello. */
  sayHello(peerId = aPeerId(9), port = 7_000): void {
    this.say({ kind: 'hello', version: PEER_PROTOCOL_VERSION, peerId, port, agent: 'fake' });
  }

  sayBytes(frame: Uint8Array): void {
    this.#handlers?.onBinary(frame);
  }

  /** The other end sends more than is taken. */
  sayTooMuch(): void {
    this.#handlers?.onTooLarge();
  }

  drain(): void {
    this.queuedBytes = 0;
    this.#handlers?.onDrain();
  }

  /** The connection breaks. */
  break(): void {
    this.#handlers?.onClose();
  }

  /** The codes with which it was closed. */
  get byes(): string[] {
    return this.sent.flatMap((message) => (message.kind === 'bye' ? [message.code] : []));
  }
}

/** Handlers that note which were called, with what. */
export function recordingHandlers(): { readonly calls: unknown[][]; readonly handlers: PeerLinkHandlers } {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (_link: PeerLink, ...rest: unknown[]): void => {
      calls.push([name, ...rest]);
    };
  const handlers: PeerLinkHandlers = {
    onReady: note('ready'),
    onJoinWanted: note('join wanted'),
    onJoined: note('joined'),
    onLeft: note('left'),
    onMessage: note('message'),
    onBlock: note('block'),
    onSearch: note('search'),
    onFound: note('found'),
    onDrain: note('drain'),
    onClosed: note('closed'),
  };
  return { calls, handlers };
}

/** A started link to the test, and what its owner is told. */
export function aPeerLink(clock: Clock, isOutgoing = false) {
  const link = new FakeLink();
  const { calls, handlers } = recordingHandlers();
  const us = { peerId: aPeerId(1), port: 7_001, agent: 'test' };
  const peerLink = new PeerLink(link, { us, isOutgoing, handlers, clock });
  peerLink.start();
  return { link, peerLink, calls };
}
