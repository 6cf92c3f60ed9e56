import { execFile } from 'node:child_process';
import { existsSync, readFileSync, watch } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Sandbox } from '@shoal/testbed';
import {
  launch,
  now,
  type Host,
  type Launch,
  type Leecher,
  type SampleFile,
  type Stage,
  type TransferProgram,
} from '../transfer-program.ts';
import type { BitTorrentClient, Post } from './bittorrent-client.ts';
import { npmRival, RIVALS_FOLDER } from './installed.ts';

const execute = promisify(execFile);
const TRACKER_PORT = 6969;
const FIRST_PEER_PORT = 7000;
/** Small pieces move on sooner in a swarm; on a fast link large ones cost less. */
const [SMALL_PIECE, LARGE_PIECE, LARGE_FILE] = [256 * 1024, 1024 * 1024, 256 * 1024 ** 2];
/** The program that waits for a line before it becomes another. */
const WAIT_FOR_LINE = ['-c', 'read line; exec "$@"', 'sh'];

/** A client of BitTorrent as one of those that are compared. */
export function bitTorrent(client: BitTorrentClient): TransferProgram {
  return {
    name: client.name,
    needsOrdinaryAddresses: client.needsOrdinaryAddresses ?? false,
    standsBy: client.standBy !== undefined,
    version: async () => {
      const needed = ['bittorrent-tracker', 'create-torrent'].map((name) => npmRival(name));
      return needed.includes(undefined) ? undefined : client.version();
    },
    async seed({ sandbox, file, meeting, seeder }: Stage) {
      const tracker = await launch(sandbox, meeting, rivalProgram('meeting-point', meeting.address, `${TRACKER_PORT}`));
      await tracker.printed(/serves/);
      const torrent = await torrentOf(file, `http://${meeting.address}:${TRACKER_PORT}/announce`);
      const post = await postOf(sandbox, seeder, { torrent, folder: dirname(file.path) });
      const program = await launch(sandbox, seeder, await client.seed(post));
      await tracker.printed(/seeder at/);
      return {
        program,
        again: async () => {
          const begin = tracker.output.length;
          const folder = dirname(file.path);
          const second = { ...seeder, name: `${seeder.name}-again` };
          const next = await launch(
            sandbox,
            second,
            await client.seed(await postOf(sandbox, second, { torrent, folder })),
          );
          await tracker.printed(/seeder at/, begin);
          return next;
        },
        fetch: async (host, begin) => {
          const folder = await sandbox.folder(host.name);
          const place = await postOf(sandbox, host, { torrent, folder });
          return fetch(client, sandbox, { host, post: place, begin, copy: join(folder, basename(file.path)) });
        },
      };
    },
  };
}

/** One of the programs beside the rivals' packages. */
export function rivalProgram(name: string, ...args: readonly string[]): Launch {
  return { name, file: process.execPath, args: [join(RIVALS_FOLDER, `${name}.mjs`), ...args] };
}

interface Order {
  readonly host: Host;
  readonly post: Post;
  readonly begin: 'at once' | 'on order';
  readonly copy: string;
}

async function fetch(client: BitTorrentClient, sandbox: Sandbox, order: Order): Promise<Leecher> {
  const { host, post, begin, copy } = order;
  const complete = stamped(post.stamp);
  const start = async (what: Launch) => {
    const startedAt = now();
    return { program: await launch(sandbox, host, what), startedAt, complete, copy };
  };
  const { standBy } = client;
  if (begin === 'at once') return { ...(await start(await client.fetch(post))), order: () => undefined };
  if (standBy) {
    const leecher = await start(await standBy.launch(post));
    return {
      ...leecher,
      order: () => {
        standBy.order(post, leecher.program);
      },
    };
  }
  const { file, args, ...rest } = await client.fetch(post);
  const leecher = await start({ ...rest, file: 'sh', args: [...WAIT_FOR_LINE, file, ...args] });
  return { ...leecher, order: () => void leecher.program.type('') };
}

async function postOf(sandbox: Sandbox, host: Host, where: Pick<Post, 'torrent' | 'folder'>): Promise<Post> {
  const scratch = await sandbox.folder(`${host.name}-scratch`);
  const port = FIRST_PEER_PORT + Number(host.address.split('.').at(-1));
  return { ...where, scratch, address: host.address, port, stamp: join(scratch, 'complete') };
}

/** When a file got a time of day, in milliseconds. */
function stamped(path: string): Promise<number> {
  return new Promise((settle) => {
    const watcher = watch(dirname(path), () => {
      if (!existsSync(path)) return;
      watcher.close();
      settle(1000 * Number(readFileSync(path, 'utf8')));
    });
  });
}

/** Makes the torrent of a file beside it, unless it is there. */
async function torrentOf(file: SampleFile, announce: string): Promise<string> {
  const torrent = `${file.path}.${new URL(announce).hostname}.torrent`;
  const pieceBytes = file.bytes >= LARGE_FILE ? LARGE_PIECE : SMALL_PIECE;
  const maker = rivalProgram('make-torrent', file.path, torrent, announce, `${pieceBytes}`);
  if (!existsSync(torrent)) await execute(maker.file, maker.args);
  return torrent;
}
