import type { Defence } from './defence.ts';

/** What the adapters for Node defend: the disk and the sockets. */
export const ROWS_OF_ENGINE_NODE: readonly Defence[] = [];
