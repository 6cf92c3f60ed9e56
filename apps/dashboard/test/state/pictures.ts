/** Makes what a tracker tells, and the pictures that come of it. */
import { asInfoHash, Bitfield, sha256Hex, type FromFleet, type PeerId, type SwarmMember } from '@shoal/protocol';
import type { Member } from '../../src/state/member.ts';
import { changeMembers, openShare, type ShareFacts, type SharePicture } from '../../src/state/share-picture.ts';

export const INFO_HASH = asInfoHash('a'.repeat(64))!;
export const NOW_MS = 1_700_000_000_000;

export const peerId = (name: string): PeerId => sha256Hex(name) as string as PeerId;

export function factsOf(pieceCount: number): ShareFacts {
  return {
    infoHash: INFO_HASH,
    name: 'film.bin',
    length: pieceCount * 100,
    fileCount: 1,
    registeredAt: '2026-11-30T12:00:00Z',
    pieceLength: 100,
    pieceCount,
  };
}

/** A machine that is told of; it downloads and is reachable unless `more` says otherwise. */
export function told(name: string, more: Partial<SwarmMember> = {}): SwarmMember {
  return {
    peerId: peerId(name),
    name,
    agent: 'shoal/0.1.0',
    host: '10.0.0.1',
    port: 4_000,
    state: 'downloading',
    left: 100,
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
    ...more,
  };
}

/** The pieces as an agent tells all that it has. */
export function bits(pieceCount: number, pieces: Iterable<number>): NonNullable<SwarmMember['pieces']> {
  const field = new Bitfield(pieceCount);
  for (const piece of pieces) field.add(piece);
  return { bits: field.toBase64() };
}

export function membersMessage(
  changed: readonly SwarmMember[],
  gone: readonly PeerId[] = [],
): Extract<FromFleet, { kind: 'members' }> {
  return { kind: 'members', infoHash: INFO_HASH, changed, gone };
}

/** A share of so many pieces with these machines. */
export function shareOf(pieceCount: number, ...members: SwarmMember[]): SharePicture {
  return changeMembers(openShare(factsOf(pieceCount), undefined), membersMessage(members), NOW_MS);
}

/** A machine as a picture has it. */
export function member(name: string, more: Partial<Member> = {}): Member {
  return { ...told(name), held: undefined, toldAtMs: NOW_MS, peakReceived: 0, peakSent: 0, ...more };
}

/** All whole numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
