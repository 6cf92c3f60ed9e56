import { randomBytes } from 'node:crypto';
import { Engine, type EnginePorts } from '@shoal/engine';
import { createHasher, createWsTransport, openDownload, systemClock, systemRandom } from '@shoal/engine/node';
import { sampleShare } from '@shoal/engine/testing';
import { peerIdOf } from '@shoal/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Happening } from '../src/chronicle.ts';
import { createImpostor, offerNoise } from '../src/impostor.ts';
import { useFolder } from './folder.ts';

const { metainfo } = sampleShare({ film: 1_000_000 }, { name: 'film' });
const ignore = (): void => undefined;

describe('the impostor', () => {
  const folder = useFolder();

  it('sends noise, is banned for it, and learns it from whoever bans it', async () => {
    const happenings: Happening[] = [];
    const impostor = createImpostor({
      peerId: peerIdOf(randomBytes(32)),
      ports: ports(),
      note: (happening) => happenings.push(happening),
      say: ignore,
    });
    const port = await impostor.start();
    onTestFinished(() => impostor.stop());
    offerNoise(impostor, metainfo, 'http://localhost:8000');

    const victim = peerIdOf(randomBytes(32));
    const leecher = await startLeecher(victim, folder());
    await leecher.connect({ host: '127.0.0.1', port });

    await expect
      .poll(() => happenings)
      .toEqual([
        { kind: 'deceived', peerId: victim },
        { kind: 'banned-by', peerId: victim },
      ]);
    expect(leecher.snapshot().swarms[0]).toMatchObject({ verifiedPieces: 0 });
  });
});

async function startLeecher(peerId: ReturnType<typeof peerIdOf>, folder: string): Promise<Engine> {
  const leecher = new Engine({ peerId, agent: 'test/1', ports: ports() });
  await leecher.start();
  onTestFinished(() => leecher.stop());
  const { store, have } = await openDownload({ metainfo, folder, hasher: hasher(), clock: systemClock });
  leecher.add({ metainfo, store, have, trackers: [] });
  return leecher;
}

function hasher(): ReturnType<typeof createHasher> {
  const made = createHasher();
  onTestFinished(() => made.stop());
  return made;
}

function ports(): EnginePorts {
  return {
    clock: systemClock,
    random: systemRandom,
    hasher: hasher(),
    transport: createWsTransport({ host: '127.0.0.1' }),
    openTracker: () => ({ announce: ignore, leave: ignore, follow: ignore, stop: () => Promise.resolve() }),
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
  };
}
