import { readFile } from 'node:fs/promises';
import { parseMetainfo, type Metainfo } from '@shoal/protocol';
import type { Agent, Machine } from '@shoal/testbed';

/** A share that an agent seeds: what others need to download it. */
export interface Offered {
  readonly metainfo: Metainfo;
}

/** Has the daemon of a machine share a file or folder of its current folder, by `shoal share`. */
export async function shareByAgent(machine: Machine, name: string, tracker: string): Promise<Offered> {
  await machine.run('share', name, tracker);
  return readTorrent(machine.path(`${name}.torrent`));
}

/** Makes the `.torrent` of a file or folder of a machine's current folder, by `shoal create`. */
export async function createTorrent(machine: Machine, name: string, tracker: string): Promise<Offered> {
  await machine.run('create', name, tracker);
  return readTorrent(machine.path(`${name}.torrent`));
}

/** Starts a download in the current folder of an agent's machine; it goes on by itself. */
export async function beginDownload(machine: Machine, agent: Agent, { metainfo }: Offered): Promise<void> {
  await agent.control.addDownload({ metainfo, folder: machine.folder });
}

/** Waits until an agent has all of a share, checked and under its final name. */
export async function untilComplete(agent: Agent, { metainfo }: Offered): Promise<void> {
  await agent.reaches(metainfo.infoHash, ({ state }) => state === 'seeding');
}

async function readTorrent(path: string): Promise<Offered> {
  return { metainfo: parseMetainfo(await readFile(path), path) };
}
