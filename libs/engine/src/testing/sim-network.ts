import type { PeerAddress } from '@shoal/protocol';
import { SimHost } from './sim-host.ts';
import type { HostOptions } from './sim-line.ts';
import type { SimWorld } from './sim-world.ts';

/**
 * Hosts with a rate up and down and a latency. A host's uplink serves its connections in turn, a chunk at a time, as a
 * kernel's queue would; every frame costs its WebSocket, TCP, IP and Ethernet headers.
 */
export class SimNetwork {
  readonly #world: SimWorld;
  readonly #hosts = new Map<string, SimHost>();

  constructor(world: SimWorld) {
    this.#world = world;
  }

  addHost(options: HostOptions): SimHost {
    const name = `10.0.${this.#hosts.size >> 8}.${this.#hosts.size & 255}`;
    const hostAt = ({ host }: PeerAddress): SimHost | undefined => this.#hosts.get(host);
    const host = new SimHost({ world: this.#world, name, hostAt }, options);
    this.#hosts.set(name, host);
    return host;
  }
}
