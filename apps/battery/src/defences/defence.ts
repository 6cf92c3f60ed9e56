import type { LIMITS } from '@shoal/protocol';

/** A rule of the product, where it is enforced, and the test that notices when it no longer is. */
export interface Defence {
  /** The rule as a claim, once in the whole table: `a piece is hashed before it is written`. */
  readonly defence: string;
  /** The source that enforces it, from the top of the repository. */
  readonly file: string;
  /** Text of that source that stands in it exactly once. */
  readonly original: string;
  /** What takes its place: the smallest change that leaves everything but this rule. */
  readonly switchedOff: string;
  /** The file of the test, from the top of the repository. */
  readonly test: string;
  /** The title of the test that must fail, or a part of it that names no other. */
  readonly title: string;
  /** Where the title is written, when that is another file: a contract that several tests run. */
  readonly titleIn?: string;
  /** The limits of the protocol that this rule enforces. */
  readonly limits?: readonly (keyof typeof LIMITS)[];
}
