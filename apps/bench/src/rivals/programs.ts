import type { TransferProgram } from '../transfer-program.ts';
import { ARIA2 } from './aria2.ts';
import { bitTorrent } from './bittorrent.ts';
import { LIBTORRENT, LIBTORRENT_SUPER } from './libtorrent.ts';
import { RTORRENT } from './rtorrent.ts';
import { TRANSMISSION } from './transmission.ts';
import { WEBTORRENT } from './webtorrent.ts';

/** Who moves files from one host to others and is compared with Shoal. */
export const RIVAL_PROGRAMS: readonly TransferProgram[] = [LIBTORRENT, ARIA2, RTORRENT, TRANSMISSION, WEBTORRENT].map(
  bitTorrent,
);

/** Who matters only where the seeder is the bottleneck. */
export const SUPER_SEEDER: TransferProgram = bitTorrent(LIBTORRENT_SUPER);
