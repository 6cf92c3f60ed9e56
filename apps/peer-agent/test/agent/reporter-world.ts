import type { Watch } from '@shoal/client';
import type { SwarmSnapshot } from '@shoal/engine';
import { FakeClock } from '@shoal/engine/testing';
import { Bitfield, createMetainfo, sha256Hex, type InfoHash, type SwarmReport } from '@shoal/protocol';
import { FleetReporter } from '../../src/agent/fleet-reporter.ts';
import type { HeldShare } from '../../src/agent/held-share.ts';

export const PIECE_BYTES = 65_536;
const TRACKER = 'http://localhost:8000';

/** An agent's shares, and an engine in which the test says what happens. */
export class ReporterWorld {
  readonly clock = new FakeClock();
  readonly shares: HeldShare[] = [];
  readonly swarms = new Map<InfoHash, { eventCount: number; snapshot: SwarmSnapshot; pieces: Bitfield }>();
  /** Every report that a tracker was sent. */
  readonly told: SwarmReport[] = [];
  messages = 0;
  looks = 0;
  readonly reporter = new FleetReporter({
    shares: () => this.shares,
    clock: this.clock,
    engine: {
      eventCount: (infoHash) => this.swarms.get(infoHash)?.eventCount,
      swarmSnapshot: (infoHash) => {
        this.looks++;
        return this.swarms.get(infoHash)?.snapshot;
      },
      verifiedPieces: (infoHash) => this.swarms.get(infoHash)?.pieces.clone(),
    },
  });

  watch(watch: Watch | undefined, tracker = TRACKER): void {
    const report = (swarms: readonly SwarmReport[]): void => {
      this.messages++;
      this.told.push(...swarms);
    };
    this.reporter.watch(tracker, { report }, watch);
  }

  /** A share that is held, and in the engine with all of its pieces or none. */
  hold(name: string, { pieceCount = 4, isSeeding = false, trackers = [TRACKER] } = {}): InfoHash {
    const length = pieceCount * PIECE_BYTES;
    const metainfo = createMetainfo({
      announce: TRACKER,
      name,
      pieceLength: PIECE_BYTES,
      files: [{ path: [name], length, sha256: sha256Hex(new Uint8Array(1)) }],
      digests: new Uint8Array(32 * pieceCount),
    });
    const { infoHash } = metainfo;
    this.shares.push({ metainfo, path: `/data/${name}`, trackers, origin: { kind: 'person' } });
    const pieces = isSeeding ? Bitfield.full(pieceCount) : new Bitfield(pieceCount);
    this.swarms.set(infoHash, { eventCount: 0, snapshot: snapshotOf(infoHash, pieces), pieces });
    return infoHash;
  }

  /** Something happens in a swarm: pieces come, and whatever else the test says. */
  happen(infoHash: InfoHash, changes: Partial<SwarmSnapshot> = {}, gained: readonly number[] = []): void {
    const swarm = this.swarms.get(infoHash)!;
    for (const piece of gained) swarm.pieces.add(piece);
    swarm.eventCount++;
    swarm.snapshot = { ...snapshotOf(infoHash, swarm.pieces), ...changes };
  }

  async pass(seconds = 1): Promise<SwarmReport[]> {
    this.told.length = 0;
    await this.clock.pass(seconds * 1_000);
    return [...this.told];
  }
}

function snapshotOf(infoHash: InfoHash, pieces: Bitfield): SwarmSnapshot {
  return {
    infoHash,
    pieceCount: pieces.size,
    verifiedPieces: pieces.count,
    verifiedBytes: pieces.count * PIECE_BYTES,
    isComplete: pieces.isFull,
    isFinished: pieces.isFull,
    receivedBytes: 0,
    sentBytes: 0,
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
    peers: [],
  };
}
