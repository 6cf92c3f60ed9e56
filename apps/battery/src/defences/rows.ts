import type { Defence } from './defence.ts';
import { ROWS_OF_FLEET } from './rows-of-fleet.ts';
import { ROWS_OF_LINKS } from './rows-of-links.ts';
import { ROWS_OF_DISK } from './rows-of-disk.ts';
import { ROWS_OF_DATABASE } from './rows-of-database.ts';
import { ROWS_OF_BOUNDARIES } from './rows-of-boundaries.ts';
import { ROWS_OF_ENGINE_CORE } from './rows-of-engine-core.ts';
import { ROWS_OF_ENGINE_NODE } from './rows-of-engine-node.ts';
import { ROWS_OF_ENGINE_PEERS } from './rows-of-engine-peers.ts';
import { ROWS_OF_ENGINE_SHELL } from './rows-of-engine-shell.ts';
import { ROWS_OF_METAINFO } from './rows-of-metainfo.ts';
import { ROWS_OF_PATHS } from './rows-of-paths.ts';
import { ROWS_OF_PEER_AGENT } from './rows-of-peer-agent.ts';
import { ROWS_OF_PROTOCOL } from './rows-of-protocol.ts';
import { ROWS_OF_SESSIONS } from './rows-of-sessions.ts';
import { ROWS_OF_TRACKER } from './rows-of-tracker.ts';

/** Every defence of the product that a test proves, by where it is enforced. */
export const DEFENCES: readonly Defence[] = [
  ...ROWS_OF_BOUNDARIES,
  ...ROWS_OF_METAINFO,
  ...ROWS_OF_PROTOCOL,
  ...ROWS_OF_PATHS,
  ...ROWS_OF_ENGINE_CORE,
  ...ROWS_OF_ENGINE_PEERS,
  ...ROWS_OF_ENGINE_SHELL,
  ...ROWS_OF_ENGINE_NODE,
  ...ROWS_OF_LINKS,
  ...ROWS_OF_DISK,
  ...ROWS_OF_TRACKER,
  ...ROWS_OF_SESSIONS,
  ...ROWS_OF_FLEET,
  ...ROWS_OF_DATABASE,
  ...ROWS_OF_PEER_AGENT,
];
