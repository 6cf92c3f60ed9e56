/** Starts each tracker, and what it is held against, as a process of its own on a free port of 127.0.0.1. */
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Program, Sandbox } from '@shoal/testbed';
import { build } from 'esbuild';
import { freePort } from '../free-port.ts';
import { npmRival, systemProgram } from '../rivals/installed.ts';
import { bitTorrentInfoHash, SWARMS } from './population.ts';

const TRACKER = resolve(import.meta.dirname, '../../../tracker/dist/main.js');
const PROGRAMS = ['bare-express', 'bittorrent-tracker', 'collect-garbage'] as const;
/** opentracker says nothing when it listens. */
const LISTENING_PATIENCE_MS = 10_000;

/** A server that runs. */
export interface Server {
  readonly program: Program;
  readonly host: string;
  readonly port: number;
}

/** Where servers are started; their programs are built once. */
export class ServerRoom {
  readonly #sandbox: Sandbox;
  #databases = 0;

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  static async open(sandbox: Sandbox): Promise<ServerRoom> {
    await build({
      entryPoints: PROGRAMS.map((name) => join(import.meta.dirname, 'programs', `${name}.ts`)),
      outdir: sandbox.root,
      outExtension: { '.js': '.mjs' },
      logLevel: 'silent',
    });
    return new ServerRoom(sandbox);
  }

  /**
   * Shoal's tracker as it is shipped, with its database on the disk.
   * @param database name of its file, to start from one that exists; a new one when absent
   */
  async shoal(database = `tracker-${++this.#databases}.db`): Promise<Server> {
    const flags = ['--host', '127.0.0.1', '--port', '0', '--database', this.path(database)];
    const program = this.#node('shoal tracker', [TRACKER, ...flags]);
    const [, port] = await program.printed(/running at http:\S+:(\d+)/);
    return { program, host: '127.0.0.1', port: Number(port) };
  }

  /** The npm package `bittorrent-tracker`. */
  bitTorrentTracker(): Promise<Server> {
    return this.#printsPort('bittorrent-tracker', [moduleOf('bittorrent-tracker')]);
  }

  /** An Express route that answers with the JSON in a file of the room. */
  bareExpress(replyFile: string): Promise<Server> {
    return this.#printsPort('bare-express', [moduleOf('express'), this.path(replyFile)]);
  }

  /** opentracker as Debian builds it: it serves only listed info hashes, and not as root. */
  async opentracker(): Promise<Server> {
    const file = systemProgram('opentracker');
    if (file === undefined) throw new Error('opentracker is not installed');
    const folder = await this.#sandbox.folder('opentracker');
    const list = Array.from({ length: SWARMS }, (_, swarm) => `${bitTorrentInfoHash(swarm).toString('hex')}\n`);
    await writeFile(join(folder, 'allowed'), list.join(''));
    for (const path of [this.#sandbox.root, folder]) await chmod(path, 0o755);
    const port = await freePort();
    const args = ['-i', '127.0.0.1', '-p', String(port), '-P', String(port)];
    const confined = ['-d', folder, '-u', 'nobody', '-w', 'allowed'];
    const program = this.#sandbox.start({
      name: 'opentracker',
      file,
      args: [...args, ...confined],
      cwd: folder,
      env: {},
    });
    await untilListening(port);
    return { program, host: '127.0.0.1', port };
  }

  /** A file in the room. */
  path(name: string): string {
    return join(this.#sandbox.root, name);
  }

  async #printsPort(name: string, args: readonly string[]): Promise<Server> {
    const program = this.#node(name, [this.path(`${name}.mjs`), ...args]);
    const [, port] = await program.printed(/port (\d+)/);
    return { program, host: '127.0.0.1', port: Number(port) };
  }

  #node(name: string, args: readonly string[]): Program {
    const collector = ['--import', pathToFileURL(this.path('collect-garbage.mjs')).href];
    const env = { PATH: process.env.PATH ?? '', NODE_ENV: 'production' };
    return this.#sandbox.start({
      name,
      file: process.execPath,
      args: [...collector, ...args],
      cwd: this.#sandbox.root,
      env,
    });
  }
}

function moduleOf(name: string): string {
  const rival = npmRival(name);
  if (rival === undefined) throw new Error(`${name} is not installed`);
  return join(rival.folder, 'index.js');
}

async function untilListening(port: number): Promise<void> {
  const giveUpAt = performance.now() + LISTENING_PATIENCE_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
      await pause(20);
    } finally {
      socket.destroy();
    }
  }
}
