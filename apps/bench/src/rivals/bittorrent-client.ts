import type { Program } from '@shoal/testbed';
import type { Launch } from '../transfer-program.ts';

/**
 * How one BitTorrent client is told to seed or fetch a torrent. All find each other through the tracker in the torrent, over
 * TCP; DHT, uTP, local discovery, port mapping and encryption are off.
 */
export interface BitTorrentClient {
  readonly name: string;
  /** Whether it dials nobody in 127.0.0.0/8. */
  readonly needsOrdinaryAddresses?: boolean;
  /** The version that is installed here, or undefined. */
  version(): Promise<string | undefined>;
  /** Seeds what lies in the folder. */
  seed(post: Post): Promise<Launch>;
  /** Fetches into the folder, begins at once, and writes the time of day into the stamp once all is verified. */
  fetch(post: Post): Promise<Launch>;
  /** How it runs without the torrent, and what then makes it fetch; absent where the order starts the program. */
  readonly standBy?: {
    launch(post: Post): Promise<Launch>;
    order(post: Post, program: Program): void;
  };
}

/** Where a client works and with what. */
export interface Post {
  readonly torrent: string;
  /** Where the file lies or will. */
  readonly folder: string;
  /** An empty folder for its own files. */
  readonly scratch: string;
  readonly address: string;
  readonly port: number;
  /** The file that gets the time of day, in seconds, when the download is complete. */
  readonly stamp: string;
}
