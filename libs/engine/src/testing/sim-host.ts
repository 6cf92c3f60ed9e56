import { LIMITS, ShoalError, type PeerAddress } from '@shoal/protocol';
import type { Link, Transport } from '../shell/ports.ts';
import { SimLine, type HostOptions } from './sim-line.ts';
import { SimLink, type LinkHost } from './sim-link.ts';
import type { SimWorld } from './sim-world.ts';

const PORT = 7_000;

/** Where a host stands. */
export interface HostPlace {
  readonly world: SimWorld;
  readonly name: string;
  readonly hostAt: (address: PeerAddress) => SimHost | undefined;
}

/** One machine: its place on the network and its open connections. */
export class SimHost implements LinkHost {
  readonly name: string;
  readonly line: SimLine;
  readonly transport: Transport;
  readonly #hostAt: (address: PeerAddress) => SimHost | undefined;
  readonly #connections = new Set<SimLink>();
  #onLink: ((link: Link) => void) | undefined;

  constructor(place: HostPlace, options: HostOptions) {
    this.name = place.name;
    this.line = new SimLine(place.world, options);
    this.#hostAt = place.hostAt;
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

  /** Bytes that left this host, headers included. */
  get sentWireBytes(): number {
    return this.line.sentWireBytes;
  }

  get address(): PeerAddress {
    return { host: this.name, port: PORT };
  }

  /** The program dies: its machine breaks every connection and answers nobody any more. */
  kill(): void {
    this.line.isCut = true;
    this.#breakAll();
  }

  /** The cable is pulled: nothing goes in or out any more, and others learn it by the heartbeat of their connections. */
  cut(): void {
    this.line.isCut = true;
    this.line.world.after(2 * LIMITS.pingMs, () => {
      this.#breakAll();
    });
  }

  /** What takes in a connection; undefined when nobody answers here. */
  get acceptor(): ((link: Link) => void) | undefined {
    return this.line.isCut ? undefined : this.#onLink;
  }

  forget(link: SimLink): void {
    this.#connections.delete(link);
  }

  #dial(address: PeerAddress): Promise<Link> {
    const remote = this.#hostAt(address);
    const { world, options } = this.line;
    const apartMs = options.latencyMs + (remote?.line.options.latencyMs ?? 0);
    return new Promise((resolve, reject) => {
      world.after(2 * apartMs, () => {
        world.settle();
        const accept = this.line.isCut || address.port !== PORT ? undefined : remote?.acceptor;
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

  #breakAll(): void {
    for (const link of [...this.#connections]) link.break();
  }
}
