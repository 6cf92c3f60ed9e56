import type { Defence } from './defence.ts';

/** What the daemon and the command line defend. */
export const ROWS_OF_PEER_AGENT: readonly Defence[] = [];
