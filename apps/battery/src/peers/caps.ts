import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { Bitfield, createMetainfo, LIMITS, sha256Hex, type Metainfo } from '@shoal/protocol';
import { Machine, Sandbox, type Agent } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { RawPeer } from './raw-peer.ts';
import { brokenRules } from './broken-rules.ts';

const DIALLED = 500;
const SILENT_PORTS = 40;
const PIECES = LIMITS.outstandingRequests + 100;
const SLACK_MS = 2_000;
const SETTLE_MS = 50;

/** Limits of an agent, each pushed at until it holds or does not. */
export const CAPS: Part = {
  name: 'caps',
  run: async () => {
    const sandbox = await Sandbox.create();
    const silent = await silentPorts();
    try {
      const machine = await Machine.create(sandbox, 'victim');
      const agent = await machine.startAgent();
      const metainfo = phantomShare();
      await agent.control.addDownload({ metainfo, folder: machine.folder });
      const { port } = await agent.control.status();
      const rules = await brokenRules({ port, metainfo });
      const dials = await dialsAtOnce({ port, metainfo, silent });
      const links = await linkCaps(port, agent);
      return [...rules, dials, ...links];
    } finally {
      for (const { server } of silent) server.close();
      await sandbox.clear();
    }
  },
};

/** A share that nobody has: as many small pieces as it takes to offer too many. */
function phantomShare(): Metainfo {
  const length = PIECES * LIMITS.minPieceBytes;
  return createMetainfo({
    announce: 'http://127.0.0.1:1',
    name: 'phantom.bin',
    pieceLength: LIMITS.minPieceBytes,
    files: [{ path: ['phantom.bin'], length, sha256: sha256Hex(new Uint8Array()) }],
    digests: new Uint8Array(32 * PIECES),
  });
}

interface SilentPort {
  readonly server: Server;
  readonly port: number;
}

let dialledNow = 0;
let dialledMost = 0;

/** Servers that take a connection and never say a word. */
function silentPorts(): Promise<SilentPort[]> {
  [dialledNow, dialledMost] = [0, 0];
  return Promise.all(
    Array.from({ length: SILENT_PORTS }, async () => {
      const server = createServer((socket) => {
        dialledNow++;
        void noteDials();
        // Read, or the end of a dial would not be seen.
        socket
          .resume()
          .on('error', () => undefined)
          .once('close', () => dialledNow--);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { server, port: (server.address() as AddressInfo).port };
    }),
  );
}

/** Counts when all that has ended by now was seen to: the ends of some dials and the beginnings of others come together. */
async function noteDials(): Promise<void> {
  await pause(SETTLE_MS);
  await nextTurn();
  await nextTurn();
  dialledMost = Math.max(dialledMost, dialledNow);
}

async function dialsAtOnce({
  port,
  metainfo,
  silent,
}: {
  port: number;
  metainfo: Metainfo;
  silent: readonly SilentPort[];
}): Promise<Figure> {
  const teller = await RawPeer.meet({ port, from: '127.0.3.1' });
  await teller.join(metainfo.infoHash, new Bitfield(metainfo.layout.pieceCount).toBase64());
  const peers = silent.map((each) => ({ host: '127.0.0.1', port: each.port }));
  teller.say({ kind: 'peers', channel: 0, peers });
  // Past the deadline of the first, so that the next ones are dialled as well.
  await pause(LIMITS.dialMs + SLACK_MS);
  teller.close();
  return fact(`dials at once, told of ${SILENT_PORTS} addresses that do not answer`, {
    demand: `exactly ${LIMITS.dialsAtOnce}`,
    seen: String(dialledMost),
    holds: dialledMost === LIMITS.dialsAtOnce,
  });
}

async function linkCaps(port: number, agent: Agent): Promise<Figure[]> {
  const open = async (from: string, count: number): Promise<RawPeer[]> => {
    const opened = await Promise.all(Array.from({ length: count }, () => RawPeer.open({ port, from })));
    return opened.filter((peer) => peer !== undefined);
  };
  const standing = (await agent.control.peers()).filter(({ isConnected }) => isConnected).length;
  const fromOne = await open('127.0.4.1', DIALLED);
  const all = [...fromOne];
  for (let address = 2; address <= LIMITS.links / LIMITS.linksPerAddress + 2; address++)
    all.push(...(await open(`127.0.4.${address}`, LIMITS.linksPerAddress)));
  const endings = await Promise.all(
    fromOne.map(async (peer) => ({ ...(await peer.ended()), dialledMs: peer.dialledMs })),
  );
  const waitedMs = endings.map(({ atMs, dialledMs }) => atMs - dialledMs);
  for (const peer of all) peer.close();
  return [
    fact(`links from one address that dials ${DIALLED} times`, {
      demand: `exactly ${LIMITS.linksPerAddress}`,
      seen: String(fromOne.length),
      holds: fromOne.length === LIMITS.linksPerAddress,
    }),
    fact('links of an agent', {
      demand: `exactly ${LIMITS.links}`,
      seen: String(all.length + standing),
      holds: all.length + standing === LIMITS.links,
    }),
    fact('links without a hello', {
      demand: 'all closed as timed-out, none before 10 s',
      seen: `${endings.filter(({ code }) => code === 'timed-out').length} timed-out, the first after ${(Math.min(...waitedMs) / 1000).toFixed(2)} s`,
      holds: endings.every(({ code }) => code === 'timed-out') && Math.min(...waitedMs) > LIMITS.helloMs - 10,
    }),
    atMost({
      what: 'a link without a hello is closed after',
      unit: 's',
      limit: (LIMITS.helloMs + SLACK_MS) / 1000,
      seen: Math.max(...waitedMs) / 1000,
      isTiming: true,
    }),
  ];
}
