import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { parseMetainfo } from '@shoal/protocol';
import { Machine, sha256OfTree, type Sandbox, type Agent, type Tracker } from '@shoal/testbed';

/** A tracker, a seeder and a leecher, each a process of its own. */
export interface Fleet {
  readonly tracker: Tracker;
  readonly seeder: Agent;
  readonly leecher: Agent;
  readonly home: Machine;
  readonly away: Machine;
}

/** Starts the built programs on free ports. */
export async function startFleet(sandbox: Sandbox): Promise<Fleet> {
  const tracker = await (await Machine.create(sandbox, 'tracker')).startTracker();
  const home = await Machine.create(sandbox, 'home');
  const away = await Machine.create(sandbox, 'away');
  return { tracker, home, away, seeder: await home.startAgent(), leecher: await away.startAgent() };
}

/** The time of each part of moving one share from seeder to leecher. */
export interface ShareTimes {
  /** Hashing, writing the `.torrent`, registering. */
  readonly shareMs: number;
  /** From the order to download until every file was checked and had its final name. */
  readonly downloadMs: number;
}

/** Shares a file or folder, downloads it, and holds the copy against the digests of the original. */
export async function moveShare(fleet: Fleet, path: string, original: Record<string, string>): Promise<ShareTimes> {
  const { home, away, tracker, leecher } = fleet;
  const begin = performance.now();
  await home.run('share', resolve(path), tracker.url);
  const shared = performance.now();
  const metainfo = parseMetainfo(await readFile(home.path(`${basename(path)}.torrent`)));
  const ordered = performance.now();
  await leecher.control.addDownload({ metainfo, folder: away.folder });
  await leecher.reaches(metainfo.infoHash, ({ state }) => state === 'seeding');
  const done = performance.now();
  const copy = await sha256OfTree(away.path(basename(path)));
  if (JSON.stringify(copy) !== JSON.stringify(original)) throw new Error(`the copy of ${path} is not the original`);
  return { shareMs: shared - begin, downloadMs: done - ordered };
}
