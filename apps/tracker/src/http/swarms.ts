import type { Express } from 'express';
import { LIMITS, type InfoHash, type SwarmReply } from '@shoal/protocol';
import type { Catalogue } from '../core/catalogue.ts';
import { addressOf, type SwarmRegistry } from '../core/swarm-registry.ts';
import { infoHashOf, refuseMethod } from './calls.ts';

/** `GET /v1/swarms/{infoHash}`: who is in it and how far each is. */
export function addSwarmCalls(app: Express, registry: SwarmRegistry, catalogue: Catalogue): void {
  app
    .route('/v1/swarms/:infoHash')
    .get(async (request, response) => {
      const infoHash = infoHashOf(request);
      if (registry.swarm(infoHash) === undefined) await catalogue.expect(infoHash);
      response.json(describeSwarm(registry, infoHash));
    })
    .all(refuseMethod('/v1/swarms/{infoHash}'));
}

function describeSwarm(registry: SwarmRegistry, infoHash: InfoHash): SwarmReply {
  const members = registry.swarm(infoHash)?.members.items ?? [];
  const peers: SwarmReply['peers'][number][] = [];
  for (const { peer, left } of members) {
    if (peers.length === LIMITS.knownPeersPerSwarm) break;
    peers.push({ peerId: peer.peerId, ...addressOf(peer), left });
  }
  return { infoHash, ...registry.counts(infoHash), peers };
}
