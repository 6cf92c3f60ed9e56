import {
  Bitfield,
  LIMITS,
  ShoalError,
  type InfoHash,
  type PeerId,
  type SwarmMember,
  type SwarmReport,
  type ToldPieces,
} from '@shoal/protocol';
import { machineOf, reportOf, type FleetSight } from './sight.ts';

/** One machine in the swarm, as it was seen last. */
interface Seen {
  /** All but its pieces, and the same as text. */
  member: Omit<SwarmMember, 'pieces'>;
  text: string;
  feeders: SwarmReport['feeders'];
  pieces: Bitfield | undefined;
  /** Pieces that came since the news were taken last; `all` when they have to be told anew. */
  gained: number[] | 'all';
}

/** What is new of a swarm. */
export interface MembersNews {
  /** JSON of members, with what is new of their pieces. */
  readonly texts: ReadonlyMap<PeerId, string>;
  readonly gone: readonly PeerId[];
}

/** Who is in one swarm: keeps what was seen of each, and tells what has changed. */
export class Members {
  readonly #sight: FleetSight;
  readonly #infoHash: InfoHash;
  readonly #pieceCount: number;
  readonly #seen = new Map<PeerId, Seen>();
  readonly #dirty = new Set<PeerId>();

  constructor(sight: FleetSight, infoHash: InfoHash, pieceCount: number) {
    this.#sight = sight;
    this.#infoHash = infoHash;
    this.#pieceCount = pieceCount;
    this.meet();
  }

  get ids(): Iterable<PeerId> {
    return this.#seen.keys();
  }

  /** A member has told how it stands: `pieces` and `feeders` are only kept here. */
  hear(peerId: PeerId, { pieces, feeders }: Pick<SwarmReport, 'pieces' | 'feeders'>): void {
    const seen = this.#seen.get(peerId);
    if (seen === undefined) return;
    if (feeders !== undefined) seen.feeders = feeders;
    if (pieces !== undefined) this.#hearPieces(seen, pieces);
    this.#dirty.add(peerId);
  }

  /** Looks who came; only so many are shown. */
  meet(): void {
    for (const { peer } of this.#sight.registry.swarm(this.#infoHash)?.members.items ?? []) {
      if (this.#seen.has(peer.peerId)) continue;
      if (this.#seen.size >= LIMITS.knownPeersPerSwarm) break;
      const member = this.#memberOf(peer.peerId, undefined);
      if (member === undefined) continue;
      this.#seen.set(peer.peerId, { member, text: '', feeders: undefined, pieces: undefined, gained: [] });
    }
    for (const peerId of this.#seen.keys()) this.#dirty.add(peerId);
  }

  /** What has changed since this was asked last. */
  takeNews(): MembersNews {
    const texts = new Map<PeerId, string>();
    const gone: PeerId[] = [];
    for (const peerId of this.#dirty) {
      const seen = this.#seen.get(peerId);
      if (seen === undefined) continue;
      const member = this.#memberOf(peerId, seen.feeders);
      if (member === undefined) {
        this.#seen.delete(peerId);
        gone.push(peerId);
        continue;
      }
      const text = JSON.stringify(member);
      const pieces = takePieces(seen);
      if (text === seen.text && pieces === undefined) continue;
      seen.member = member;
      seen.text = text;
      texts.set(peerId, withPieces(member, pieces));
    }
    this.#dirty.clear();
    return { texts, gone };
  }

  /** JSON of a member with all that is known of it; undefined when it is not there. */
  whole(peerId: PeerId): string | undefined {
    const seen = this.#seen.get(peerId);
    if (seen === undefined) return undefined;
    return withPieces(seen.member, seen.pieces === undefined ? undefined : { bits: seen.pieces.toBase64() });
  }

  #memberOf(peerId: PeerId, feeders: SwarmReport['feeders']): Seen['member'] | undefined {
    const member = this.#sight.registry.known(peerId)?.members.get(this.#infoHash);
    if (member === undefined) return undefined;
    const { infoHash: _, ...report } = reportOf(this.#sight, member);
    return { ...machineOf(this.#sight, member.peer), ...report, ...(feeders === undefined ? {} : { feeders }) };
  }

  /** What does not fit this share is passed over: pieces are for people to see, and prove nothing. */
  #hearPieces(seen: Seen, told: ToldPieces): void {
    if ('bits' in told) {
      const pieces = readBits(told.bits, this.#pieceCount);
      if (pieces === undefined) return;
      seen.pieces = pieces;
      seen.gained = 'all';
      return;
    }
    for (const piece of told.gained) {
      if (piece >= this.#pieceCount || seen.pieces?.add(piece) !== true) continue;
      if (seen.gained === 'all') continue;
      if (seen.gained.length < LIMITS.listEntries) seen.gained.push(piece);
      else seen.gained = 'all';
    }
  }
}

function takePieces(seen: Seen): ToldPieces | undefined {
  const { pieces, gained } = seen;
  seen.gained = [];
  if (pieces === undefined || gained.length === 0) return undefined;
  return gained === 'all' ? { bits: pieces.toBase64() } : { gained };
}

function withPieces(member: object, pieces: ToldPieces | undefined): string {
  return JSON.stringify(pieces === undefined ? member : { ...member, pieces });
}

function readBits(bits: string, pieceCount: number): Bitfield | undefined {
  try {
    return Bitfield.fromBase64(bits, pieceCount);
  } catch (error) {
    if (error instanceof ShoalError) return undefined;
    throw error;
  }
}
