import { eventually } from '@shoal/testbed';
import type { Extent, Part } from '../battery.ts';
import { atMost, type Figure } from '../figure.ts';
import { onLines, type Lines } from './lines.ts';

const MiB = 1024 * 1024;
const GIVEN_AWAY_S = 20;
const NOTICED_S = 65;

/** One of two seeders is gone, and nothing says so: its connection stands, and nothing comes. */
export const HALF_OPEN: Part = {
  name: 'half-open peer',
  run: ({ extent }) =>
    onLines({ bytes: (extent === 'quick' ? 8 : 64) * MiB, seeders: 2, uploadLimit: '2M' }, (swarm) =>
      vanish(swarm, extent),
    ),
};

async function vanish(swarm: Lines, extent: Extent): Promise<readonly Figure[]> {
  const { proxy, peerId } = swarm.line(0);
  const download = await swarm.download();
  await download.has(0.75);
  proxy.lay({ isBlackHole: true });
  const since = performance.now();
  const sinceS = (): number => (performance.now() - since) / 1_000;
  await download.wholeS();
  const given = atMost({
    what: 'a seeder vanishes: all that was promised by it comes from the other',
    unit: 's',
    limit: GIVEN_AWAY_S,
    seen: sinceS(),
    isTiming: true,
  });
  const right = await download.isRight('a seeder vanishes');
  if (extent === 'quick') return [given, right];
  await eventually('the half-open link to be closed', async () => {
    const peers = await download.agent.control.peers();
    return peers.some((peer) => peer.peerId === peerId && peer.isConnected) ? undefined : true;
  });
  const noticed = atMost({
    what: 'a link that says nothing any more is closed',
    unit: 's',
    limit: NOTICED_S,
    seen: sinceS(),
    isTiming: true,
  });
  return [given, right, noticed];
}
