/** What a program asks of its disk, or of its processor, that a rule can spoil. */
export type FaultCall =
  | 'open'
  | 'write'
  /** `fdatasync`, `fsync` or `syncfs`. */
  | 'flush'
  | 'truncate'
  | 'rename'
  | 'link'
  | 'remove'
  /** A SHA-256 is taken of as many bytes as a piece of the rule has. */
  | 'hash';

/** Whose call it is, by what a download calls its files. */
export type FaultPlace =
  /** The files of the share under their temporary name. */
  | 'data'
  /** The have-map that is being written, under its temporary name. */
  | 'new-have-map'
  | 'have-map'
  /** A folder, opened to make its names durable. */
  | 'folder'
  | 'other';

/** One fault, and when it strikes. */
export interface FaultRule {
  readonly call: FaultCall;
  readonly place: FaultPlace;
  /** Whether the call has been made when it strikes; an error instead of a call strikes before. */
  readonly moment: 'before' | 'after';
  /** Which of these calls is the first to be struck, from 1 on; each thread counts its own. */
  readonly nth: number;
  /** Only this one, or all from here on. */
  readonly lasts: 'once' | 'for good';
  /** The process is killed as by `kill -9`; or the call fails with this code of the system. */
  readonly fault: 'kill' | 'EIO' | 'ENOSPC';
  /** Only what is below this folder is struck. */
  readonly below: string;
  /** Only while a file is at this path; always when absent. */
  readonly whileThere?: string;
  /** Bytes of a piece, for `hash`. */
  readonly pieceBytes?: number;
}

/** The environment variable that tells a program its rules, as JSON. */
export const FAULT_RULES_VARIABLE = 'BATTERY_FAULT_RULES';
/** The environment variable that names a file: at SIGUSR2 the wall clock jumps by the milliseconds that it holds. */
export const CLOCK_JUMP_VARIABLE = 'BATTERY_CLOCK_JUMP';
