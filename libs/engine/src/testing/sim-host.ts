import { LIMITS, ShoalError, type PeerAddress } from '@shoal/protocol';
import type { Link, Transport } from '../shell/ports.ts';
import { SimLink, type Frame, type LinkHost } from './sim-link.ts';
import type { SimWorld } from './sim-world.ts';

const CHUNK_BYTES = 16 * 1024;
const PORT = 7_000;

/** How a host hangs on the network. Rates are raw link rates in bytes a second. */
export interface HostOptions {
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** From this host into the middle of the network, one way; two hosts are apart by the sum of theirs. */
  readonly latencyMs: number;
}

/** Where a host stands. */
export interface HostPlace {
  readonly world: SimWorld;
  readonly name: string;
  readonly hostAt: (address: PeerAddress) => SimHost | undefined;
}

/** One machine: its place on the network and its open connections. */
export class SimHost implements LinkHost {
  readonly name: string;
  readonly options: HostOptions;
  readonly transport: Transport;
  /** Bytes that left this host, headers included. */
  sentWireBytes = 0;
  readonly world: SimWorld;
  readonly #hostAt: (address: PeerAddress) => SimHost | undefined;
  readonly #connections = new Set<SimLink>();
  readonly #turn: SimLink[] = [];
  #isSending = false;
  #downFreeMs = 0;
  #onLink: ((link: Link) => void) | undefined;
  #isCut = false;

  constructor(place: HostPlace, options: HostOptions) {
    this.world = place.world;
    this.name = place.name;
    this.#hostAt = place.hostAt;
    this.options = options;
    this.transport = {
      listen: (onLink) => {
        this.#onLink = onLink;
        return Promise.resolve(PORT);
      },
      dial: (address) => this.#dial(address),
      stop: () => {
        this.#onLink = undefined;
        for (const link of [...this.#connections]) link.close();
        return Promise.resolve();
      },
    };
  }

  get address(): PeerAddress {
    return { host: this.name, port: PORT };
  }

  /** The program dies: its machine breaks every connection and answers nobody any more. */
  kill(): void {
    this.#isCut = true;
    this.#breakAll();
  }

  /** The cable is pulled: nothing goes in or out any more, and others learn it by the heartbeat of their connections. */
  cut(): void {
    this.#isCut = true;
    this.world.after(2 * LIMITS.pingMs, () => {
      this.#breakAll();
    });
  }

  /** What takes in a connection; undefined when nobody answers here. */
  get acceptor(): ((link: Link) => void) | undefined {
    return this.#isCut ? undefined : this.#onLink;
  }

  /** The link has something to send. */
  wantsToSend(link: SimLink): void {
    if (!this.#turn.includes(link)) this.#turn.push(link);
    this.#sendNext();
  }

  forget(link: SimLink): void {
    this.#connections.delete(link);
  }

  /** A frame has left its sender: it travels, and comes in as fast as this host can receive. */
  take(frame: Frame, from: SimLink): void {
    const travelMs = this.options.latencyMs + from.host.options.latencyMs;
    const receiveMs = (frame.wireBytes * 1000) / this.options.downBytesPerSecond;
    this.world.after(travelMs, () => {
      this.#downFreeMs = Math.max(this.world.nowMs, this.#downFreeMs + receiveMs);
      this.world.after(this.#downFreeMs - this.world.nowMs, () => {
        if (this.#isCut) return;
        this.world.note(`${from.host.name} ${this.name} ${frame.text ?? String(frame.payload?.length)}`);
        from.remote.arrive(frame);
      });
    });
  }

  #dial(address: PeerAddress): Promise<Link> {
    const remote = this.#hostAt(address);
    const apartMs = this.options.latencyMs + (remote?.options.latencyMs ?? 0);
    return new Promise((resolve, reject) => {
      this.world.after(2 * apartMs, () => {
        this.world.settle();
        const accept = this.#isCut || address.port !== PORT ? undefined : remote?.acceptor;
        if (remote === undefined || accept === undefined) {
          reject(new ShoalError('peer-unreachable', `nobody answers at ${address.host}`));
          return;
        }
        const [ours, theirs] = SimLink.pair(this, remote);
        this.#connections.add(ours);
        remote.#connections.add(theirs);
        accept(theirs);
        resolve(ours);
      });
    });
  }

  #sendNext(): void {
    const link = this.#turn[0];
    if (this.#isSending || link === undefined) return;
    this.#isSending = true;
    const bytes = Math.min(CHUNK_BYTES, link.headBytes);
    this.world.after((bytes * 1000) / this.options.upBytesPerSecond, () => {
      this.#isSending = false;
      this.#turn.shift();
      this.sentWireBytes += bytes;
      const frame = link.chunkSent(bytes);
      if (link.headBytes > 0) this.#turn.push(link);
      if (frame !== undefined && !this.#isCut) link.remote.host.take(frame, link);
      this.#sendNext();
    });
  }

  #breakAll(): void {
    for (const link of [...this.#connections]) link.break();
  }
}
