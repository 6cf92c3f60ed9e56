/** Agents in the middle of a transfer lose their tracker, meet what cannot work in its place, and then an empty one. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { readFile, rm, stat, truncate } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseMetainfo, type Metainfo } from '@shoal/protocol';
import { eventually, Machine, sha256OfFile, writeSampleFile, type Agent } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../battery.ts';
import { atTrackerHome, type RunningTracker, type TrackerHome } from '../catalogue/tracker-home.ts';
import { atLeast, atMost, fact, type Figure } from '../figure.ts';

const MiB = 1024 * 1024;
const FILE = 'film.bin';
const LEECHERS = 3;
const LIMIT = ['--upload-limit', '2M'];
const SIZES = {
  quick: { bytes: 32 * MiB, settleMs: 500, beforeMs: 2_500, outageMs: 3_000 },
  full: { bytes: 288 * MiB, settleMs: 5_000, beforeMs: 20_000, outageMs: 60_000 },
};
const BACK_S = 30;

/** Everybody in the swarm. */
interface Swarm {
  readonly metainfo: Metainfo;
  readonly leechers: readonly { readonly machine: Machine; readonly agent: Agent }[];
}

/** The tracker is down in the middle of a swarm. */
export const OUTAGE: Part = {
  name: 'the tracker is down in the middle of a swarm',
  run: (order) => atTrackerHome((home) => takeAway(home, order)),
};

async function takeAway(home: TrackerHome, { extent }: BatteryOrder): Promise<readonly Figure[]> {
  const { bytes, settleMs, beforeMs, outageMs } = SIZES[extent === 'quick' ? 'quick' : 'full'];
  const tracker = await home.start();
  const swarm = await gather(home, tracker, bytes);
  // A limit lets more pass at first.
  await pause(settleMs);
  const before = await rateOf(swarm, () => pause(beforeMs));
  await tracker.program.stop('SIGKILL');
  let ending = '';
  const during = await rateOf(swarm, async () => {
    const endsAt = performance.now() + outageMs;
    ending = await startOnSpoilt(home, tracker);
    await refuseFor(outageMs / 3, tracker);
    await pause(Math.max(0, endsAt - performance.now()));
  });
  for (const end of ['', '-wal', '-shm']) await rm(home.database + end, { force: true });
  const again = await home.start();
  const back = await untilBack(again, swarm);
  const right = await finish(swarm);
  return [
    fact('a tracker that starts on what is left of its database', {
      demand: 'it ends with database-unavailable',
      seen: ending,
      holds: ending === 'database-unavailable',
    }),
    atLeast({
      what: `rate of ${LEECHERS} leechers while the tracker is down for ${outageMs / 1_000} s, before it ${(before / MiB).toFixed(1)} MiB/s`,
      unit: '% of before',
      limit: 95,
      seen: (100 * during) / before,
      isTiming: true,
    }),
    fact('payload that arrives while the tracker is down', {
      demand: 'some',
      seen: `${((during * outageMs) / 1_000 / MiB).toFixed(1)} MiB`,
      holds: during > 0,
    }),
    atMost({
      what: `sessions of all ${LEECHERS + 1} agents with the empty tracker, and all in its swarm`,
      unit: 's after it is ready',
      limit: BACK_S,
      seen: back.swarmS,
      isTiming: true,
    }),
    atMost({
      what: 'the share is in the catalogue of the empty tracker',
      unit: 's after it is ready',
      limit: BACK_S,
      seen: back.catalogueS,
      isTiming: true,
    }),
    fact('downloads with the right SHA-256', {
      demand: `all ${LEECHERS}`,
      seen: String(right),
      holds: right === LEECHERS,
    }),
  ];
}

async function gather(home: TrackerHome, { url }: RunningTracker, bytes: number): Promise<Swarm> {
  const seeder = await Machine.create(home.sandbox, 'seeder');
  await seeder.startAgent(...LIMIT);
  await writeSampleFile(seeder.path(FILE), bytes);
  await seeder.run('share', FILE, url);
  const metainfo = parseMetainfo(await readFile(seeder.path(`${FILE}.torrent`)));
  const leechers = [];
  for (let number = 1; number <= LEECHERS; number++) {
    const machine = await Machine.create(home.sandbox, `leecher-${number}`);
    leechers.push({ machine, agent: await machine.startAgent(...LIMIT) });
  }
  for (const { agent, machine } of leechers) await agent.control.addDownload({ metainfo, folder: machine.folder });
  const swarm = { metainfo, leechers };
  for (const { agent } of leechers) await agent.reaches(metainfo.infoHash, ({ verifiedBytes }) => verifiedBytes > 0);
  return swarm;
}

/** What all leechers together verify in a second, while something happens. */
async function rateOf({ metainfo, leechers }: Swarm, happen: () => Promise<void>): Promise<number> {
  const verified = async (): Promise<number> => {
    const transfers = await Promise.all(leechers.map(({ agent }) => agent.transfer(metainfo.infoHash)));
    return transfers.reduce((sum, transfer) => sum + (transfer?.verifiedBytes ?? 0), 0);
  };
  const [begunAt, begunWith] = [performance.now(), await verified()];
  await happen();
  return ((await verified()) - begunWith) / ((performance.now() - begunAt) / 1_000);
}

/** Half of the database is gone when the tracker is started again: it ends, and says why. */
async function startOnSpoilt(home: TrackerHome, { port }: RunningTracker): Promise<string> {
  await rm(`${home.database}-wal`, { force: true });
  await truncate(home.database, Math.floor((await stat(home.database)).size / 2));
  const program = home.machine.tracker(['--port', String(port), '--host', '127.0.0.1']);
  await program.ended();
  return /\((database-[a-z]+)\)/.exec(program.stderr)?.[1] ?? program.output.slice(0, 200);
}

/** Something answers every call and every session with 503. */
async function refuseFor(ms: number, { port }: RunningTracker): Promise<void> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(503, { 'Retry-After': '5' }).end();
  }).on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  await pause(ms);
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

/** Waits until a tracker that knows nothing knows everything again. */
async function untilBack(
  { url }: RunningTracker,
  { metainfo: { infoHash } }: Swarm,
): Promise<{ readonly swarmS: number; readonly catalogueS: number }> {
  const begunAt = performance.now();
  const since = (what: string, look: () => Promise<boolean>): Promise<number> =>
    eventually(what, async () => ((await look()) ? (performance.now() - begunAt) / 1_000 : undefined));
  const everybody = LEECHERS + 1;
  const [swarmS, catalogueS] = await Promise.all([
    since('all agents to be back', async () => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const swarm = (await (await fetch(`${url}/v1/swarms/${infoHash}`)).json()) as { peers?: readonly unknown[] };
      return metrics.includes(`shoal_sessions ${everybody}`) && swarm.peers?.length === everybody;
    }),
    since('the share to be in the catalogue', async () => (await fetch(`${url}/v1/shares/${infoHash}`)).ok),
  ]);
  return { swarmS, catalogueS };
}

/** Waits for the end of all downloads: how many are right. */
async function finish({ metainfo, leechers }: Swarm): Promise<number> {
  let right = 0;
  for (const { agent, machine } of leechers) {
    await agent.reaches(metainfo.infoHash, ({ state }) => state === 'seeding');
    if ((await sha256OfFile(machine.path(FILE))) === metainfo.info.files[0]?.sha256) right++;
  }
  return right;
}
