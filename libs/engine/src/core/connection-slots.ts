import { LIMITS, type InfoHash, type PeerAddress, type PeerId } from '@shoal/protocol';

const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 60_000;
const MINUTE_MS = 60_000;
/** How long the first dial of an address may take while others wait for its place; each dial after it twice as long. */
const FIRST_PATIENCE_MS = 500;
/** A peer that a tracker asked us to dial is given up after so many failures. */
const ASKED_ATTEMPTS = 5;

interface Candidate {
  readonly address: PeerAddress;
  readonly swarms: Set<InfoHash>;
  /** Whether a tracker wants us to dial it, though we may lack nothing. */
  isAsked: boolean;
  peerId: PeerId | undefined;
  state: 'idle' | 'dialling' | 'linked';
  failures: number;
  nextDialMs: number;
}

/**
 * Whom to dial and when: the addresses that we know, back-off with full jitter after a failure, the limits on dials and
 * links, and who is banned. It knows addresses and never touches a socket.
 */
export class ConnectionSlots {
  readonly #chance: () => number;
  readonly #candidates = new Map<string, Candidate>();
  readonly #banned = new Set<string>();
  /** When the dials of the last minute began. */
  #dialledMs: number[] = [];
  /** Whether others waited for a place when places were given last. */
  #isCrowded = false;

  /** @param chance uniform in [0, 1) */
  constructor(chance: () => number) {
    this.#chance = chance;
  }

  /** Somebody says that a peer of a swarm accepts links there; it may be dialled at once, whatever failed before. */
  learn(infoHash: InfoHash, address: PeerAddress, peerId?: PeerId): void {
    const key = keyOf(address);
    if (this.#banned.has(key) || (peerId !== undefined && this.#banned.has(peerId))) return;
    const candidate = this.#candidates.get(key) ?? newCandidate(address);
    candidate.peerId = peerId ?? candidate.peerId;
    candidate.nextDialMs = 0;
    if (candidate.swarms.has(infoHash)) return;
    candidate.swarms.add(infoHash);
    this.#candidates.set(key, candidate);
    this.#forgetSurplus(infoHash);
  }

  /** A tracker wants us to dial that peer; it rests after failures like others, and is given up after a few. */
  ask(infoHash: InfoHash, address: PeerAddress, peerId: PeerId): void {
    const key = keyOf(address);
    const nextDialMs = this.#candidates.get(key)?.nextDialMs ?? 0;
    this.learn(infoHash, address, peerId);
    const candidate = this.#candidates.get(key);
    if (candidate === undefined) return;
    candidate.nextDialMs = nextDialMs;
    candidate.isAsked = true;
  }

  /** The tracker says that a peer left a swarm. */
  forget(infoHash: InfoHash, peerId: PeerId): void {
    for (const candidate of this.#candidates.values())
      if (candidate.peerId === peerId) this.#leave(candidate, infoHash);
  }

  /** We left a swarm. */
  forgetSwarm(infoHash: InfoHash): void {
    for (const candidate of this.#candidates.values()) this.#leave(candidate, infoHash);
  }

  /**
   * The addresses to dial now, which from here on count as being dialled.
   * @param isLinked whether a link to a peer stands: none of its other addresses is dialled then
   */
  next(
    nowMs: number,
    isWanted: (infoHash: InfoHash) => boolean,
    isLinked: (peerId: PeerId) => boolean = () => false,
  ): PeerAddress[] {
    const places = Math.max(0, this.#places(nowMs));
    const due = [...this.#candidates.values()].filter(({ state, nextDialMs, peerId, isAsked, swarms }) => {
      if (state !== 'idle' || nextDialMs > nowMs || (peerId !== undefined && isLinked(peerId))) return false;
      return isAsked || [...swarms].some(isWanted);
    });
    this.#isCrowded = due.length > places;
    // Those that failed least first: addresses where nobody is must not keep others from their turn.
    const chosen = due.sort((one, other) => one.failures - other.failures).slice(0, places);
    for (const candidate of chosen) {
      candidate.state = 'dialling';
      this.#dialledMs.push(nowMs);
    }
    return chosen.map(({ address }) => address);
  }

  /** How long a dial of this address may take: less while others wait, so that a few dead addresses do not hold all places. */
  patienceMs(address: PeerAddress): number {
    const failures = this.#candidates.get(keyOf(address))?.failures ?? 0;
    return this.#isCrowded ? Math.min(LIMITS.dialMs, FIRST_PATIENCE_MS * 2 ** failures) : LIMITS.dialMs;
  }

  /** A peer linked to us and says that it accepts links there: so it is, unless we know of another peer at that address. */
  cameIn(address: PeerAddress, peerId: PeerId): void {
    if ((this.peerAt(address) ?? peerId) === peerId) this.linked(address, peerId);
  }

  /** A link to the address stands. */
  linked(address: PeerAddress, peerId: PeerId): void {
    const candidate = this.#candidates.get(keyOf(address));
    if (candidate === undefined) return;
    candidate.state = 'linked';
    candidate.peerId = peerId;
    candidate.failures = 0;
  }

  /** A dial failed: the address rests for a while. */
  failed(address: PeerAddress, nowMs: number): void {
    const candidate = this.#candidates.get(keyOf(address));
    if (candidate?.state === 'dialling') this.#rest(candidate, nowMs);
  }

  /** The last link to a peer closed: every address where it was reached rests for a while. */
  closed(peerId: PeerId, nowMs: number): void {
    for (const candidate of this.#candidates.values()) {
      if (candidate.peerId === peerId && candidate.state === 'linked') this.#rest(candidate, nowMs);
    }
  }

  /** Never again: neither this peer nor the address where we reached it, if we did. */
  ban(peerId: PeerId, address?: PeerAddress): void {
    this.#banned.add(peerId);
    if (address !== undefined) this.#banned.add(keyOf(address));
    for (const [key, candidate] of this.#candidates) {
      if (candidate.peerId === peerId || this.#banned.has(key)) this.#candidates.delete(key);
    }
  }

  isBanned(peerId: PeerId): boolean {
    return this.#banned.has(peerId);
  }

  /** The peer that we expect at this address, if somebody said who it is. */
  peerAt(address: PeerAddress): PeerId | undefined {
    return this.#candidates.get(keyOf(address))?.peerId;
  }

  /** The swarms in which we heard of a peer at this address. */
  swarmsAt(address: PeerAddress): InfoHash[] {
    return [...(this.#candidates.get(keyOf(address))?.swarms ?? [])];
  }

  /** Addresses that we know and have no link to. */
  unlinked(): PeerAddress[] {
    return [...this.#candidates.values()].filter(({ state }) => state !== 'linked').map(({ address }) => address);
  }

  #rest(candidate: Candidate, nowMs: number): void {
    const longestMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** candidate.failures);
    candidate.state = 'idle';
    candidate.failures++;
    if (candidate.failures >= ASKED_ATTEMPTS) candidate.isAsked = false;
    candidate.nextDialMs = nowMs + longestMs * this.#chance();
    this.#dropIfUseless(candidate);
  }

  /** How many may be dialled now. Several addresses of one peer are one link. */
  #places(nowMs: number): number {
    this.#dialledMs = this.#dialledMs.filter((dialledMs) => nowMs - dialledMs < MINUTE_MS);
    const candidates = [...this.#candidates.values()];
    const dialling = candidates.filter(({ state }) => state === 'dialling').length;
    const linked = new Set(candidates.filter(({ state }) => state === 'linked').map(({ peerId }) => peerId)).size;
    return Math.min(
      LIMITS.dialsAtOnce - dialling,
      LIMITS.links - linked - dialling,
      LIMITS.dialsPerMinute - this.#dialledMs.length,
    );
  }

  #leave(candidate: Candidate, infoHash: InfoHash): void {
    candidate.swarms.delete(infoHash);
    this.#dropIfUseless(candidate);
  }

  #dropIfUseless({ swarms, state, address }: Candidate): void {
    if (swarms.size === 0 && state === 'idle') this.#candidates.delete(keyOf(address));
  }

  /** Keeps to `LIMITS.knownPeersPerSwarm`: the longest known goes first. */
  #forgetSurplus(infoHash: InfoHash): void {
    const known = [...this.#candidates.values()].filter(({ swarms }) => swarms.has(infoHash));
    if (known.length <= LIMITS.knownPeersPerSwarm) return;
    const surplus = known.find(({ state }) => state === 'idle');
    if (surplus !== undefined) this.#leave(surplus, infoHash);
  }
}

function newCandidate(address: PeerAddress): Candidate {
  return { address, swarms: new Set(), isAsked: false, peerId: undefined, state: 'idle', failures: 0, nextDialMs: 0 };
}

function keyOf({ host, port }: PeerAddress): string {
  return `${host} ${String(port)}`;
}
