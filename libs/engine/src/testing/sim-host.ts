import { LIMITS, ShoalError, type PeerAddress } from '@shoal/protocol';
import type { Clock, Link, Transport } from '../shell/ports.ts';
import { SimLine, type HostOptions } from './sim-line.ts';
import { SimLink, type LinkHost } from './sim-link.ts';
import type { Standstill } from './sim-process.ts';
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

  /** The clock as the program on this host sees it. */
  get clock(): Clock {
    return this.line.process.clock;
  }

  /** The program dies: its machine breaks every connection and answers nobody any more. */
  kill(): void {
    this.line.isCut = true;
    this.line.process.die();
    this.#breakAll();
  }

  /** The program stands still for a while; when that is long, others miss its heartbeats. */
  standStill(kind: Standstill, forMs: number): void {
    this.line.process.standStill(kind, forMs);
    if (forMs < 2 * LIMITS.pingMs) return;
    this.line.world.after(2 * LIMITS.pingMs, () => {
      this.#breakAll();
    });
  }

  /** A partition has stood between this host and others for so long that heartbeats were missed. */
  breakAcross(): void {
    for (const link of [...this.#connections]) link.breakIfApart();
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
    const { world, options, process } = this.line;
    const travelMs = options.latencyMs + (remote?.line.options.latencyMs ?? 0);
    const isApart = (): boolean => remote?.line.place.isApartFrom(this.line.place) === true;
    return new Promise((resolve, reject) => {
      world.after(isApart() ? LIMITS.dialMs : 2 * travelMs, () => {
        world.settle();
        const isDeaf = this.line.isCut || isApart() || address.port !== PORT;
        const accept = isDeaf ? undefined : remote?.acceptor;
        if (remote === undefined || accept === undefined) {
          process.run(() => {
            reject(new ShoalError('peer-unreachable', `nobody answers at ${address.host}`));
          });
          return;
        }
        const [ours, theirs] = SimLink.pair(this, remote);
        this.#connections.add(ours);
        remote.#connections.add(theirs);
        remote.line.process.run(() => {
          accept(theirs);
        });
        process.run(() => {
          resolve(ours);
        });
      });
    });
  }

  #breakAll(): void {
    for (const link of [...this.#connections]) link.break();
  }
}
