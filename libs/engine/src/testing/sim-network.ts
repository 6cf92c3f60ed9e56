import { LIMITS, type PeerAddress } from '@shoal/protocol';
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
  /** Those too in whose place another stands. */
  readonly #all: SimHost[] = [];
  #partitions = 0;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /**
   * Adds a machine.
   * @param name its address; when a machine had it before, that one is off, and this one stands in its place
   */
  addHost(options: HostOptions, name = `10.0.${this.#hosts.size >> 8}.${this.#hosts.size & 255}`): SimHost {
    const hostAt = ({ host }: PeerAddress): SimHost | undefined => this.#hosts.get(host);
    const host = new SimHost({ world: this.#world, name, hostAt }, options);
    host.line.place.move(this.#hosts.get(name)?.line.place.isParted === true);
    this.#hosts.set(name, host);
    this.#all.push(host);
    return host;
  }

  /** Parts these hosts from all others, until `heal`: what is sent across waits, and breaks when heartbeats were missed. */
  part(hosts: readonly SimHost[]): void {
    const partition = ++this.#partitions;
    for (const host of hosts) host.line.place.move(true);
    this.#world.after(2 * LIMITS.pingMs, () => {
      if (partition === this.#partitions) for (const host of this.#all) host.breakAcross();
    });
  }

  /** All hosts reach each other again, and what waited arrives. */
  heal(): void {
    this.#partitions++;
    for (const { line } of this.#all) line.place.move(false);
    for (const { line } of this.#all) line.place.release();
  }
}
