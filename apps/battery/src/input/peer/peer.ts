/** Part `peer`: what a peer may do wrong, at a built agent that seeds, and afterwards an honest download from it. */
import { readFile } from 'node:fs/promises';
import { parseMetainfo, PEER_MESSAGE_KINDS, type Metainfo } from '@shoal/protocol';
import { Machine, Sandbox, sha256OfFile, writeSampleFile, type Agent, type Tracker } from '@shoal/testbed';
import type { Part } from '../../battery.ts';
import { fact, type Figure } from '../../figure.ts';
import { isWell, stillWorks } from '../health.ts';
import { afterPings, endOf } from '../socket/end.ts';
import { RawSocket, Refused } from '../socket/raw-socket.ts';
import { covers, judge, throwTable } from '../table.ts';
import { linkUpgrade, openJoined, openLink, openSilentLink } from './hostile-link.ts';
import { linkRows, type LinkRow, type Stage, type Target } from './link-rows.ts';
import { upgradeRows } from './upgrade-rows.ts';

const SHARE_BYTES = 3_000_000;
/** Below the links that one address may have, with those of the honest download. */
const LINKS_AT_ONCE = 6;

export const PEER: Part = {
  name: 'peer',
  async run() {
    const sandbox = await Sandbox.create();
    try {
      return await attack(await setUp(sandbox));
    } finally {
      await sandbox.clear();
    }
  },
};

interface Scene {
  readonly anna: Machine;
  readonly ben: Machine;
  readonly tracker: Tracker;
  readonly seeder: Agent;
  readonly metainfo: Metainfo;
  readonly target: Target & { readonly port: number };
}

async function setUp(sandbox: Sandbox): Promise<Scene> {
  const [anna, ben] = [await Machine.create(sandbox, 'anna'), await Machine.create(sandbox, 'ben')];
  const tracker = await anna.startTracker();
  const seeder = await anna.startAgent('--host', '127.0.0.1');
  await writeSampleFile(anna.path('film.bin'), SHARE_BYTES);
  await anna.run('share', 'film.bin', tracker.url);
  const metainfo = parseMetainfo(await readFile(anna.path('film.bin.torrent')));
  const { port, peerId } = await seeder.control.status();
  const { pieceCount } = metainfo.layout;
  const emptyBits = Buffer.alloc(Math.ceil(pieceCount / 8)).toString('base64');
  const target = { infoHash: metainfo.infoHash, peerId, pieceCount, emptyBits, port };
  return { anna, ben, tracker, seeder, metainfo, target };
}

async function attack(scene: Scene): Promise<readonly Figure[]> {
  const { seeder, target, tracker } = scene;
  const rows = linkRows(target);
  const kinds = rows.flatMap((row) => row.kinds);
  const outcomes = await throwTable(rows, LINKS_AT_ONCE, (row) => throwRow(scene, row));
  const upgrades = await throwTable(upgradeRows(), LINKS_AT_ONCE, async ({ upgrade }) => {
    return openVerdict(() => RawSocket.open({ port: target.port, ...upgrade }));
  });
  return [
    covers('peer: kinds of message', [...PEER_MESSAGE_KINDS, 'block'], kinds),
    judge('peer: messages and frames at a seeder', outcomes),
    judge('peer: upgrades', upgrades),
    await noCompression(target.port),
    await stillWorks('peer: an honest download from that seeder', () => download(scene)),
    isWell('peer: the seeder', seeder.program),
    isWell('peer: the tracker', tracker.program),
  ];
}

async function throwRow(scene: Scene, { stage, must, act }: LinkRow): Promise<string> {
  const link = await openAt(scene, stage);
  try {
    act(link);
    return await (must === 'goes on' ? afterPings(link, 'bye') : endOf(link, 'bye'));
  } finally {
    link.cut();
  }
}

async function openAt({ target, metainfo }: Scene, stage: Stage): Promise<RawSocket> {
  const { port, emptyBits } = target;
  if (stage === 'silent') return openSilentLink(port);
  if (stage === 'greeted') return openLink(port);
  const link = await openJoined(port, metainfo.infoHash);
  if (stage === 'talking') link.tell({ kind: 'bitfield', channel: 1, bits: emptyBits });
  return link;
}

async function openVerdict(open: () => Promise<RawSocket>): Promise<string> {
  try {
    const socket = await open();
    socket.cut();
    return '101';
  } catch (error) {
    if (error instanceof Refused) return error.verdict;
    throw error;
  }
}

/** Compression lets one small frame become a gigabyte: it is not agreed on, whoever offers it. */
async function noCompression(port: number): Promise<Figure> {
  const upgrade = linkUpgrade(port);
  const headers = { ...upgrade.headers, 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
  const link = await RawSocket.open({ ...upgrade, headers });
  link.cut();
  const isAgreed = /sec-websocket-extensions/i.test(link.head);
  return fact('peer: compression that is offered', {
    demand: 'is not agreed on',
    seen: isAgreed ? link.head : 'is not',
    holds: !isAgreed,
  });
}

async function download({ anna, ben, metainfo }: Scene): Promise<void> {
  await ben.run('download', anna.path('film.bin.torrent'), ben.folder, '--host', '127.0.0.1');
  const [sent, got] = [await sha256OfFile(anna.path('film.bin')), await sha256OfFile(ben.path(metainfo.info.name))];
  if (sent !== got) throw new Error(`the file has ${got}`);
}
