/** Who answers announces by HTTP: Shoal, its rivals, and the least that Express can do. */
import { systemProgram, npmRival } from '../rivals/installed.ts';
import { AnsweringAgents } from './answering-agents.ts';
import { bitTorrentInfoHash, bitTorrentPeerId, infoHashOfSwarm, peerIdOfAgent, type Membership } from './population.ts';
import type { Server, ServerRoom } from './servers.ts';

/** One that answers announces. */
export interface HttpContender {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** Whether it remembers peers, so that its memory tells something. */
  readonly isTracker: boolean;
  /** Whether it runs in Node, so that its garbage can be collected before its memory is read. */
  readonly isNode: boolean;
  version(): Promise<string | undefined>;
  start(room: ServerRoom): Promise<Server>;
}

/** The file in the room with the JSON that the bare route answers: an answer of Shoal's tracker. */
export const REPLY_FILE = 'reply.json';

/** Shoal's tracker. */
export const SHOAL_TRACKER: HttpContender = {
  name: 'shoal',
  method: 'POST',
  isTracker: true,
  isNode: true,
  version: () => Promise.resolve('of this workspace'),
  start: (room) => room.shoal(),
};

/** All, the one that is measured first. */
export const HTTP_CONTENDERS: readonly HttpContender[] = [
  SHOAL_TRACKER,
  {
    name: 'bare Express route',
    method: 'POST',
    isTracker: false,
    isNode: true,
    version: () => Promise.resolve(npmRival('express')?.version),
    start: (room) => room.bareExpress(REPLY_FILE),
  },
  {
    name: 'bittorrent-tracker',
    method: 'GET',
    isTracker: true,
    isNode: true,
    version: () => Promise.resolve(npmRival('bittorrent-tracker')?.version),
    start: (room) => room.bitTorrentTracker(),
  },
  {
    name: 'opentracker',
    method: 'GET',
    isTracker: true,
    isNode: false,
    version: () => Promise.resolve(systemProgram('opentracker') === undefined ? undefined : 'of the system'),
    start: (room) => room.opentracker(),
  },
];

/** The body of an announce in Shoal's words. */
export function announceBody({ swarm, agent, left }: Membership, agents: AnsweringAgents): string {
  const swarms = [{ infoHash: infoHashOfSwarm(swarm), left }];
  return JSON.stringify({ peerId: peerIdOfAgent(agent), port: agents.portOf(agent), swarms });
}

/** The path of an announce in BitTorrent's words. */
export function announcePath({ swarm, agent, left }: Membership, agents: AnsweringAgents): string {
  const infoHash = bitTorrentInfoHash(swarm).toString('hex').replaceAll(/../g, '%$&');
  const who = `info_hash=${infoHash}&peer_id=${bitTorrentPeerId(agent)}&port=${agents.portOf(agent)}`;
  return `/announce?${who}&uploaded=0&downloaded=0&left=${left}&compact=1&numwant=50`;
}
