/** A peer that claims to have everything and sends noise. Nobody must take it for long. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { openTrackerSession } from '@shoal/client';
import { createHasher, createWsTransport, systemClock, systemRandom } from '@shoal/engine/node';
import { peerIdOf } from '@shoal/protocol';
import { Catalogue } from './catalogue.ts';
import { beginChronicle } from './chronicle.ts';
import { createImpostor, offerNoise } from './impostor.ts';
import { numberSetting, requiredSetting } from './setting.ts';
import { say } from './story.ts';

const LOOK_EVERY_MS = 1_000;

const tracker = requiredSetting('SHOAL_TRACKER');
const catalogue = new Catalogue(tracker);
const ignore = (): void => undefined;
const engine = createImpostor({
  peerId: peerIdOf(randomBytes(32)),
  ports: {
    clock: systemClock,
    random: systemRandom,
    hasher: createHasher(),
    transport: createWsTransport({ port: numberSetting('SHOAL_PORT', { min: 0, max: 65_535 }) }),
    openTracker: openTrackerSession,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  },
  note: beginChronicle(requiredSetting('SWARM_CHRONICLE')),
  say,
});

process.once('SIGTERM', () => process.exit(0));
await engine.start();
for (;;) {
  // While the tracker is away there is nothing new to lie about.
  for (const metainfo of await catalogue.shares().catch(() => [])) offerNoise(engine, metainfo, tracker);
  await pause(LOOK_EVERY_MS);
}
