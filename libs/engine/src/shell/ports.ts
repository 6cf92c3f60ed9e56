/**
 * What the engine needs from the world. Each port has a Node implementation (`@shoal/engine/node`), one for the
 * simulator (`@shoal/engine/testing`), and where both exist a contract suite that both run. Every failure is a ShoalError.
 */
import type { Block, ErrorReport, HandedPeer, InfoHash, PeerAddress, PeerId } from '@shoal/protocol';

/** Monotonic time and timers. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  setTimer(delayMs: number, action: () => void): () => void;
}

/** A source of chance. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/** A digest, and the bytes it was taken of. */
export interface Digested {
  /** 32 bytes. */
  readonly digest: Uint8Array;
  /** The same bytes as were given; the views that were given are no longer valid. */
  readonly parts: readonly Uint8Array[];
}

/** SHA-256 away from the thread that moves the bytes. */
export interface Hasher {
  /** Digest of the parts one after the other. Takes the parts away and gives them back, so that none is copied. */
  digest(parts: readonly Uint8Array[]): Promise<Digested>;
}

/** The pieces of one share on disk. */
export interface PieceStore {
  /**
   * Bytes of a block of a piece that the store holds.
   * @throws ShoalError `content-mismatch` when the file changed since it was opened; `storage-failed`
   */
  readBlock(block: Block): Promise<Uint8Array>;
  /**
   * Writes a verified piece so that `readBlock` finds it; the store makes it durable, and only then notes it in the
   * have-map, in batches of its own.
   * @param parts the bytes of the piece, one after the other, in memory that the store may use again
   * @throws ShoalError `disk-full`, `storage-failed`
   */
  writePiece(piece: number, parts: readonly Uint8Array[]): Promise<void>;
  /**
   * Every piece is written: checks each file against its SHA-256, makes all durable and gives the share its final name.
   * @throws ShoalError `content-mismatch`, `target-exists`, `disk-full`, `storage-failed`
   */
  finish(): Promise<void>;
  /** Makes what was written durable, notes it in the have-map and lets go of the files. */
  close(): Promise<void>;
}

/** What a link tells the engine. */
export interface LinkHandlers {
  onText(frame: string): void;
  onBinary(frame: Uint8Array): void;
  /** The other side sends a message that is larger than any may be now: it was not read, and nothing follows. */
  onTooLarge(): void;
  /** What was queued has been handed on; `queuedBytes` is low again. */
  onDrain(): void;
  /** Called once, whoever closed. */
  onClose(): void;
}

/** One ordered, reliable, message-preserving connection between two agents. */
export interface Link {
  /** The other end as this end sees it. */
  readonly remoteHost: string;
  /** Bytes that were sent but not yet taken over by the network. */
  readonly queuedBytes: number;
  /** Starts delivery; frames that came earlier are delivered first. */
  receive(handlers: LinkHandlers): void;
  sendText(frame: string): void;
  /**
   * Sends one binary frame of header and payload without copying the payload, whose memory the link may use again. A
   * payload that lies behind room for the header in memory of its own, as a store reads it, travels best.
   */
  sendBinary(header: Uint8Array, payload: Uint8Array): void;
  /** One more message may be as large as a metainfo; until then none is larger than a control message. */
  expectLarge(): void;
  /** Sends what is queued, then closes. */
  close(): void;
}

/** Accepts and dials links. */
export interface Transport {
  /**
   * Starts to accept links.
   * @returns the port that others can dial
   * @throws ShoalError `port-in-use`
   */
  listen(onLink: (link: Link) => void): Promise<number>;
  /**
   * @param withinMs until when the other side has to answer, if that is sooner than `LIMITS.dialMs`
   * @throws ShoalError `peer-unreachable`
   */
  dial(address: PeerAddress, withinMs?: number): Promise<Link>;
  /** Closes the listener and every link. */
  stop(): Promise<void>;
}

/** What a tracker tells the engine. */
export interface TrackerHandlers {
  onPeers(infoHash: InfoHash, added: readonly HandedPeer[], removed: readonly PeerId[]): void;
  /** This peer cannot be dialled by others: dial it from here. */
  onDial(infoHash: InfoHash, peer: HandedPeer): void;
  /** The session stands, and our connection comes from there. */
  onWelcome(observedHost: string): void;
  /** Where others reach us, as the tracker found out; undefined where they do not. */
  onReachability(at: PeerAddress | undefined): void;
  /** `problem` is absent while the session stands. */
  onState(problem: ErrorReport | undefined): void;
}

/** One tracker's session. It reconnects by itself and then announces everything again. */
export interface TrackerLink {
  /** Enters a swarm, or tells how far we are in it. `left` is the bytes still lacking. */
  announce(infoHash: InfoHash, left: number): void;
  leave(infoHash: InfoHash): void;
  /** Has `onListed` called when the catalogue has something new or newly seeded, and whenever that may have been missed. */
  follow(onListed: () => void): void;
  stop(): Promise<void>;
}

/** Who we are to a tracker. */
export interface TrackerIdentity {
  readonly peerId: PeerId;
  readonly port: number;
  readonly agent: string;
}

/** Structured log; fields first, as in pino. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** All ports of an engine. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly transport: Transport;
  readonly log: Log;
  openTracker(url: string, identity: TrackerIdentity, handlers: TrackerHandlers): TrackerLink;
}
