import { sampleShare, type SampleShare } from '@shoal/engine/testing';
import type { Transfer } from '@shoal/protocol';
import { Machine, Sandbox, sha256OfFile, type Agent } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../battery.ts';
import { fact, type Figure } from '../figure.ts';
import { startPeer } from './engine-peers.ts';

const MIB = 1024 * 1024;
const HOST = '127.0.0.1';

interface Leecher {
  readonly machine: Machine;
  readonly agent: Agent;
}

/** Two leechers that hold different parts of a share lose their seeder. */
export const HALVES: Part = {
  name: 'seeder killed',
  run: async ({ extent }: BatteryOrder) => {
    const bytes = (extent === 'quick' ? 16 : 256) * MIB;
    const share = sampleShare({ 'film.bin': bytes }, { name: 'film.bin', announce: 'http://127.0.0.1:1' });
    return [await complementary(share), ...(await withAGap(share))];
  },
};

function complementary(share: SampleShare): Promise<Figure> {
  const half = share.metainfo.layout.pieceCount / 2;
  const parts = [(piece: number) => piece < half, (piece: number) => piece >= half];
  return meeting(share, parts, async (leechers) => {
    for (const { agent } of leechers) await agent.reaches(share.metainfo.infoHash, ({ state }) => state === 'seeding');
    const sums = await Promise.all(leechers.map(({ machine }) => sha256OfFile(machine.path('film.bin'))));
    const right = sums.filter((sum) => sum === share.metainfo.info.files[0]?.sha256).length;
    return fact('the seeder killed at half, two leechers with complementary halves', {
      demand: 'both finish from each other',
      seen: `${right} of 2 finished and right`,
      holds: right === 2,
    });
  });
}

function withAGap(share: SampleShare): Promise<Figure[]> {
  const { pieceCount } = share.metainfo.layout;
  const [first, second] = [Math.floor(0.45 * pieceCount), Math.floor(0.9 * pieceCount)];
  const parts = [(piece: number) => piece < first, (piece: number) => piece >= first && piece < second];
  const lacking = pieceCount - second;
  const unionBytes = second * share.metainfo.info.pieceLength;
  const says = ({ state, verifiedBytes, nobodyHas }: Transfer): boolean =>
    state === 'waiting' && verifiedBytes >= unionBytes && nobodyHas?.count === lacking;
  return meeting(share, parts, async (leechers) => {
    const ends = await Promise.all(leechers.map(({ agent }) => agent.reaches(share.metainfo.infoHash, says)));
    const text = `nobody online has pieces ${second} to ${pieceCount - 1}`;
    const told = await Promise.all(leechers.map(async ({ machine }) => (await machine.run('status')).stdout));
    return [
      fact('45 % and 45 %', {
        demand: 'both stop at the union',
        seen: ends
          .map(({ verifiedBytes }) => `${((100 * verifiedBytes) / share.metainfo.info.length).toFixed(1)} %`)
          .join(', '),
        holds: ends.every(({ verifiedBytes }) => verifiedBytes === unionBytes),
      }),
      fact('45 % and 45 %: which pieces nobody has', {
        demand: text,
        seen: `${told.filter((output) => output.includes(text)).length} of 2 say so`,
        holds: told.every((output) => output.includes(text)),
      }),
    ];
  });
}

/** Two leechers get a part each, the seeders die, and then the leechers meet. */
async function meeting<T>(
  share: SampleShare,
  parts: readonly ((piece: number) => boolean)[],
  look: (leechers: readonly Leecher[]) => Promise<T>,
): Promise<T> {
  const sandbox = await Sandbox.create();
  try {
    const leechers: Leecher[] = [];
    for (const [at, has] of parts.entries()) {
      const seeder = await startPeer(share, { has });
      const machine = await Machine.create(sandbox, `leecher-${at}`);
      machine.setVariable('COLUMNS', '200');
      const agent = await machine.startAgent();
      leechers.push({ machine, agent });
      try {
        await agent.control.addDownload({ metainfo: share.metainfo, folder: machine.folder });
        await agent.control.connect({ host: HOST, port: seeder.port });
        const bytes = bytesOf(share, has);
        await agent.reaches(share.metainfo.infoHash, ({ verifiedBytes }) => verifiedBytes === bytes);
      } finally {
        await seeder.engine.stop();
      }
    }
    const [one, other] = leechers;
    const port = (await other?.agent.control.status())?.port ?? 0;
    await one?.agent.control.connect({ host: HOST, port });
    return await look(leechers);
  } finally {
    await sandbox.clear();
  }
}

function bytesOf({ metainfo: { layout } }: SampleShare, has: (piece: number) => boolean): number {
  let bytes = 0;
  for (let piece = 0; piece < layout.pieceCount; piece++) if (has(piece)) bytes += layout.bytesOf(piece);
  return bytes;
}
