import type { SampleFile } from '../transfer-program.ts';
import type { Loopback } from './loopback.ts';

/** One way to get a file from one process of this machine to others. */
export interface Contender {
  readonly name: string;
  /** Whether it dials nobody in 127.0.0.0/8. */
  readonly needsOrdinaryAddresses?: boolean;
  /** The version that is installed here, or undefined. */
  version(): Promise<string | undefined>;
  /** Moves the file once, from nothing to copies that were checked, and cleans up. */
  run(file: SampleFile, place: Loopback): Promise<Passage>;
}

/** How one run went. */
export interface Passage {
  /** From the start of the first receiver, or the order to it, until the last copy was verified. */
  readonly milliseconds: number;
  readonly sender?: Partial<SideUsage>;
  /** All receivers together for the CPU, the one that took most for memory. */
  readonly receivers?: Partial<SideUsage>;
  /** The part of the CPU that others took meanwhile. */
  readonly othersShare?: number;
}

/** What one side used in a run. */
export interface SideUsage {
  readonly cpuMilliseconds: number;
  /** With the pages of files that it maps. */
  readonly peakResidentBytes: number;
  /** Without them. */
  readonly peakAnonymousBytes: number;
}
