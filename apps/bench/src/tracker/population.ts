/**
 * Who is in which swarm: 100 agents with 1,000 shares each make 10,000 swarms of 10 peers, five of them seeders. Every
 * tracker is given the same peers in its own words.
 */
import { createHash } from 'node:crypto';
import { infoHashSchema, peerIdSchema, type InfoHash, type PeerId } from '@shoal/protocol';

/** How many swarms there are, and how many peers are in each. */
export const SWARMS = 10_000;
export const PEERS_PER_SWARM = 10;
/** All peers of all swarms. */
export const MEMBERSHIPS = SWARMS * PEERS_PER_SWARM;

const SHARES_PER_AGENT = 1_000;
/** How many agents they are: each group of ten shares the same thousand swarms. */
export const AGENTS = MEMBERSHIPS / SHARES_PER_AGENT;
const GROUPS = AGENTS / PEERS_PER_SWARM;
/** What a leecher lacks. */
const LEFT = 1_000;

/** One peer in one swarm, by number. */
export interface Membership {
  readonly swarm: number;
  readonly agent: number;
  readonly left: number;
}

/** Peer id of an agent in Shoal. */
export function peerIdOfAgent(agent: number): PeerId {
  return peerIdSchema.parse(sha('sha256', `agent ${agent}`).toString('hex'));
}

/** Peer id of an agent in BitTorrent: twenty characters. */
export function bitTorrentPeerId(agent: number): string {
  return `-SB0001-${String(agent).padStart(12, '0')}`;
}

/** Info hash of a swarm in Shoal. */
export function infoHashOfSwarm(swarm: number): InfoHash {
  return infoHashSchema.parse(sha('sha256', `swarm ${swarm}`).toString('hex'));
}

/** Info hash of a swarm in BitTorrent version 1: twenty bytes. */
export function bitTorrentInfoHash(swarm: number): Buffer {
  return sha('sha1', `swarm ${swarm}`);
}

/** All swarms of an agent; in each, every other agent is a seeder. */
export function membershipsOf(agent: number): Membership[] {
  const group = Math.floor(agent / PEERS_PER_SWARM);
  const left = agent % 2 === 0 ? 0 : LEFT;
  return Array.from({ length: SHARES_PER_AGENT }, (_, at) => ({ swarm: at * GROUPS + group, agent, left }));
}

/** Every membership once, in an order that looks random and is always the same. */
export function shuffledMemberships(): Membership[] {
  const all = Array.from({ length: AGENTS }, (_, agent) => membershipsOf(agent)).flat();
  const keyOf = ({ swarm, agent }: Membership): string => sha('sha1', `${swarm} ${agent}`).toString('hex');
  const keyed = all.map((membership) => ({ membership, key: keyOf(membership) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return keyed.map(({ membership }) => membership);
}

function sha(algorithm: string, text: string): Buffer {
  return createHash(algorithm).update(text).digest();
}
