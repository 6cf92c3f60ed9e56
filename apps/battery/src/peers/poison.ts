import { sampleShare, type SampleShare } from '@shoal/engine/testing';
import { eventually, Machine, Sandbox, sha256OfFile } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../battery.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { startPeer, type EnginePeer } from './engine-peers.ts';

const MIB = 1024 * 1024;
const PEERS = 12;
const POISONERS = 4;
const PEER_BYTES_PER_SECOND = 4 * MIB;
/** The victim's line, not that of the honest, is what the download waits for: four honest peers less do not decide it. */
const VICTIM_LIMIT = '16M';
const MOST_TIMES = 1.6;

/** One third of twelve peers poison every piece. */
export const POISON: Part = {
  name: 'poison',
  run: async ({ extent }: BatteryOrder) => {
    const bytes = (extent === 'quick' ? 48 : 256) * MIB;
    const share = sampleShare({ 'film.bin': bytes }, { name: 'film.bin', announce: 'http://127.0.0.1:1' });
    const honest = await downloadFrom(share, 0);
    const poisoned = await downloadFrom(share, POISONERS);
    return figuresOf({ honest, poisoned });
  },
};

interface Outcome {
  readonly ms: number;
  readonly isRight: boolean;
  /** How often the victim said that it banned a poisoner, and for how many bad pieces. */
  readonly bans: number;
  readonly badPieces: number;
  readonly poisonersLinked: number;
}

function figuresOf({ honest, poisoned }: { honest: Outcome; poisoned: Outcome }): Figure[] {
  return [
    fact('one third of twelve peers poison every piece', {
      demand: 'the download completes and is right',
      seen: poisoned.isRight ? 'right' : 'wrong bytes',
      holds: poisoned.isRight && honest.isRight,
    }),
    fact('poisoners banned, and bad pieces taken from them', {
      demand: `${POISONERS} banned, each once`,
      seen: `${poisoned.bans} bans, ${poisoned.badPieces} for a bad piece, ${poisoned.poisonersLinked} still linked`,
      holds: poisoned.bans === POISONERS && poisoned.badPieces === POISONERS && poisoned.poisonersLinked === 0,
    }),
    atMost({
      what: 'time with a third of poisoners, against twelve honest peers',
      unit: 'times',
      limit: MOST_TIMES,
      seen: poisoned.ms / honest.ms,
      isTiming: true,
    }),
  ];
}

async function downloadFrom(share: SampleShare, poisonerCount: number): Promise<Outcome> {
  const sandbox = await Sandbox.create();
  const peers: EnginePeer[] = [];
  const poisoners = new Set<string>();
  try {
    for (let at = 0; at < PEERS; at++) {
      const isPoisoner = at < poisonerCount;
      const plan = { has: () => true, isPoisoner, uploadBytesPerSecond: PEER_BYTES_PER_SECOND };
      const peer = await startPeer(share, plan);
      peers.push(peer);
      if (isPoisoner) poisoners.add(peer.peerId);
    }
    const machine = await Machine.create(sandbox, 'victim');
    const agent = await machine.startAgent('--download-limit', VICTIM_LIMIT);
    const beganMs = performance.now();
    await agent.control.addDownload({ metainfo: share.metainfo, folder: machine.folder });
    await Promise.all(peers.map(({ port }) => agent.control.connect({ host: '127.0.0.1', port })));
    await agent.reaches(share.metainfo.infoHash, ({ state }) => state === 'seeding');
    const ms = performance.now() - beganMs;
    // The log is written after what it tells of.
    if (poisonerCount > 0) await agent.program.printed(/banned a peer/);
    const bans = agent.program.stderr.split('\n').filter((line) => line.includes('banned a peer'));
    const linked = await eventually('the links to settle', async () => {
      const now = (await agent.control.peers()).filter(({ isConnected }) => isConnected);
      return now.some(({ peerId }) => peerId !== undefined && poisoners.has(peerId)) && bans.length === poisonerCount
        ? undefined
        : now;
    });
    return {
      ms,
      isRight: (await sha256OfFile(machine.path('film.bin'))) === share.metainfo.info.files[0]?.sha256,
      bans: bans.length,
      badPieces: bans.filter((line) => line.includes('bad-piece')).length,
      poisonersLinked: linked.filter(({ peerId }) => peerId !== undefined && poisoners.has(peerId)).length,
    };
  } finally {
    await Promise.all(peers.map(({ engine }) => engine.stop()));
    await sandbox.clear();
  }
}
