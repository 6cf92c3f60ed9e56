/** Who feeds whom. */
import type { PeerId } from '@shoal/protocol';
import type { Member } from './member.ts';

/** One machine sends to another, in bytes a second. */
export interface Flow {
  readonly from: PeerId;
  readonly to: PeerId;
  readonly bytesPerSecond: number;
}

export interface Feeding {
  /** The strongest, strongest first. */
  readonly strongest: readonly Flow[];
  /** How many others there are, and what they carry together. */
  readonly others: { readonly count: number; readonly bytesPerSecond: number };
}

/** The strongest flows of a swarm, at most `most`, as the receiving machines tell them. */
export function feedingOf(members: Iterable<Member>, most: number): Feeding {
  const flows: Flow[] = [];
  for (const { peerId, feeders } of members) {
    for (const [from, bytesPerSecond] of feeders ?? []) {
      if (bytesPerSecond > 0) flows.push({ from, to: peerId, bytesPerSecond });
    }
  }
  flows.sort((a, b) => b.bytesPerSecond - a.bytesPerSecond);
  const others = flows.slice(most);
  return {
    strongest: flows.slice(0, most),
    others: { count: others.length, bytesPerSecond: others.reduce((sum, flow) => sum + flow.bytesPerSecond, 0) },
  };
}
