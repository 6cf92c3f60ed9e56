import { LIMITS, ShoalError, type InfoHash, type SwarmMessageBody } from '@shoal/protocol';

/** What comes on a channel. */
type Heard = SwarmMessageBody['kind'] | 'block';

/**
 * Which swarm stands behind which channel of one link. Each side numbers its own messages, and a swarm is live when both
 * have entered it.
 *
 * Who leaves a swarm and enters it again is a newcomer to the other side, which sends its bitfield anew. Until that
 * comes, what is heard was said before the other side knew, and must not be taken for what it says now.
 */
export class Channels {
  readonly #ours = new Map<InfoHash, number>();
  readonly #theirs = new Map<number, InfoHash>();
  /** The swarms of `#theirs`: a link may carry thousands. */
  readonly #othersIn = new Set<InfoHash>();
  /** Swarms that we have left. */
  readonly #left = new Set<InfoHash>();
  /** Swarms that we have entered again, with whether the bitfield came since. */
  readonly #entered = new Map<InfoHash, boolean>();
  #next = 0;

  /** Swarms that both sides have entered. */
  get live(): InfoHash[] {
    return [...this.#ours.keys()].filter((infoHash) => this.isOtherIn(infoHash));
  }

  get hasLive(): boolean {
    for (const infoHash of this.#ours.keys()) if (this.isOtherIn(infoHash)) return true;
    return false;
  }

  isLive(infoHash: InfoHash): boolean {
    return this.#ours.has(infoHash) && this.isOtherIn(infoHash);
  }

  isOtherIn(infoHash: InfoHash): boolean {
    return this.#othersIn.has(infoHash);
  }

  /** Our channel for a swarm that we have entered. */
  of(infoHash: InfoHash): number | undefined {
    return this.#ours.get(infoHash);
  }

  /** We enter a swarm; returns the channel, or undefined when we are in it already. */
  join(infoHash: InfoHash): number | undefined {
    if (this.#ours.has(infoHash)) return undefined;
    if (this.#left.has(infoHash)) this.#entered.set(infoHash, false);
    this.#ours.set(infoHash, this.#next);
    return this.#next++;
  }

  /** We leave a swarm; returns the channel that it had, or undefined when we are not in it. */
  leave(infoHash: InfoHash): number | undefined {
    const channel = this.#ours.get(infoHash);
    if (this.#ours.delete(infoHash)) this.#left.add(infoHash);
    return channel;
  }

  /**
   * The other side enters a swarm.
   * @throws ShoalError `protocol-violation`
   */
  theyJoin(channel: number, infoHash: InfoHash): void {
    if (this.#theirs.has(channel)) throw violation(`channel ${channel} a second time`);
    if (this.isOtherIn(infoHash)) throw violation('a swarm a second time');
    if (this.#theirs.size >= LIMITS.channelsPerLink) throw violation('too many channels');
    this.#theirs.set(channel, infoHash);
    this.#othersIn.add(infoHash);
  }

  /**
   * The other side leaves the swarm of a channel; returns that swarm if it was live.
   * @throws ShoalError `protocol-violation`
   */
  theyLeave(channel: number): InfoHash | undefined {
    const infoHash = this.#swarmOf(channel);
    this.#theirs.delete(channel);
    this.#othersIn.delete(infoHash);
    // Its bitfield of before may still be on its way.
    if (this.#entered.has(infoHash)) this.#entered.set(infoHash, false);
    return this.#ours.has(infoHash) ? infoHash : undefined;
  }

  /**
   * The live swarm that something on a channel of the other side concerns; undefined when it is out of date.
   * @throws ShoalError `protocol-violation` when the channel stands for no swarm
   */
  hear(channel: number, what: Heard): InfoHash | undefined {
    const infoHash = this.#swarmOf(channel);
    return this.#ours.has(infoHash) && !this.#isOutdated(infoHash, what) ? infoHash : undefined;
  }

  /** A second bitfield repeats what the first and every `have` since have said. */
  #isOutdated(infoHash: InfoHash, what: Heard): boolean {
    const hasBitfield = this.#entered.get(infoHash);
    if (hasBitfield === undefined || what === 'metainfo?') return false;
    if (what === 'bitfield') this.#entered.set(infoHash, true);
    return hasBitfield === (what === 'bitfield');
  }

  #swarmOf(channel: number): InfoHash {
    const infoHash = this.#theirs.get(channel);
    if (infoHash === undefined) throw violation(`channel ${channel}, which stands for no swarm`);
    return infoHash;
  }
}

function violation(what: string): ShoalError {
  return new ShoalError('protocol-violation', `the peer sent ${what}`);
}
