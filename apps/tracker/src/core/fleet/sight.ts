import type { Machine, PeerId } from '@shoal/protocol';
import type { Catalogue } from '../catalogue.ts';
import { addressOf, isSeeder, type Member, type Peer, type SwarmRegistry } from '../swarm-registry.ts';
import type { LastWordsBook } from './last-words.ts';
import type { PlainReport, Reports } from './reports.ts';

/** What a machine calls itself and its program. */
export type Naming = Pick<Machine, 'name' | 'agent'>;

/** All that a view may see. */
export interface FleetSight {
  readonly registry: SwarmRegistry;
  readonly catalogue: Pick<Catalogue, 'search' | 'count' | 'describe' | 'outline'>;
  readonly reports: Reports;
  readonly lastWords: LastWordsBook;
  /** Grows when the catalogue has something new. */
  readonly edition: number;
  /** Of the last seconds, in bytes a second. */
  throughput(): readonly number[];
  namingOf(peerId: PeerId): Naming;
  /** Notes that a view could not find out something. */
  failed(error: unknown): void;
}

/** A machine as it is shown. */
export function machineOf(sight: FleetSight, peer: Peer): Machine {
  return { peerId: peer.peerId, ...sight.namingOf(peer.peerId), ...addressOf(peer) };
}

/** What a member said of itself, or what its announces say. */
export function reportOf({ reports }: FleetSight, member: Member): PlainReport {
  const { infoHash } = member.swarm;
  const state = isSeeder(member) ? 'seeding' : 'downloading';
  const announced = { infoHash, state, left: member.left, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 } as const;
  return reports.get(infoHash, member.peer.peerId) ?? announced;
}
