import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ControlClient } from '@shoal/client';
import type { InfoHash, Transfer } from '@shoal/protocol';
import { eventually } from './eventually.ts';
import type { NetworkNamespace } from './network-lab.ts';
import type { Program } from './program.ts';
import type { Sandbox } from './sandbox.ts';

const APPS = resolve(import.meta.dirname, '../../../apps');
const SHOAL = join(APPS, 'peer-agent/bin/shoal.cjs');
const TRACKER = join(APPS, 'tracker/dist/main.js');

/** How to start a program by way of another one. */
export type Launch = (file: string, args: readonly string[]) => readonly [file: string, args: readonly string[]];

/**
 * What a person has on one computer: a current folder, a home for the agent's state, and the built `shoal`. Several
 * machines in one sandbox are several people.
 */
export class Machine {
  readonly name: string;
  /** Current folder of its commands. */
  readonly folder: string;
  /** `SHOAL_HOME` of its commands. */
  readonly home: string;
  /** Where its programs run; absent for the test's own network. */
  readonly network: NetworkNamespace | undefined;
  readonly #sandbox: Sandbox;
  readonly #variables: Record<string, string> = {};
  #launch: Launch | undefined;

  private constructor(
    name: string,
    sandbox: Sandbox,
    { network, ...folders }: { folder: string; home: string; network: NetworkNamespace | undefined },
  ) {
    this.name = name;
    this.#sandbox = sandbox;
    this.network = network;
    this.folder = folders.folder;
    this.home = folders.home;
  }

  /** @param network where its programs run, the test's own when absent; a test reaches no control API in another */
  static async create(sandbox: Sandbox, name: string, network?: NetworkNamespace): Promise<Machine> {
    const [folder, home] = [await sandbox.folder(name), await sandbox.folder(`${name}-home`)];
    return new Machine(name, sandbox, { folder, home, network });
  }

  /** A path in the current folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Sets an environment variable for the programs that are started from now on. */
  setVariable(name: string, value: string): void {
    this.#variables[name] = value;
  }

  /** Lets programs that start from now on, in the test's own network, have no more than so many descriptors. */
  limitOpenFiles(count: number): void {
    this.#launch = (file, args) => ['/bin/sh', ['-c', `ulimit -n ${count} && exec "$0" "$@"`, file, ...args]];
  }

  /** Starts a command, or the prompt when there is none. */
  shoal(...args: readonly string[]): Program {
    return this.#start(`${this.name}: shoal ${args.join(' ')}`, [SHOAL, ...args]);
  }

  /** The same, in another folder than its own. */
  shoalIn(folder: string, ...args: readonly string[]): Program {
    return this.#start(`${this.name}: shoal ${args.join(' ')}`, [SHOAL, ...args], undefined, folder);
  }

  /** Runs a command until it has succeeded. */
  run(...args: readonly string[]): Promise<Program> {
    return this.shoal(...args).succeeded();
  }

  /** Starts the daemon and waits until it takes commands. */
  async startAgent(...args: readonly string[]): Promise<Agent> {
    const program = this.shoal('agent', ...args);
    await program.printed(/agent is running on port/);
    return new Agent(program, await this.control());
  }

  /** The control API of the daemon that runs here. */
  async control(): Promise<ControlClient> {
    return new ControlClient(await this.controlAddress());
  }

  /** Where the daemon's control API listens, and its token, as the control file says. */
  async controlAddress(): Promise<{ port: number; token: string }> {
    return JSON.parse(await readFile(join(this.home, 'control.json'), 'utf8')) as { port: number; token: string };
  }

  /** Starts the tracker's own program, whose state is kept in this machine's home, and waits until it serves. */
  async startTracker(port = 0, host = 'localhost', around?: Launch): Promise<Tracker> {
    const program = this.tracker(['--port', String(port), '--host', host], around);
    const [, url = ''] = await program.printed(/running at (http:\S+)/);
    return { program, url, port: Number(new URL(url).port) };
  }

  /**
   * Starts the tracker's own program and waits for nothing: it may be one that ends at once.
   * @param around starts it by way of another program, as one that sets limits or changes the user
   */
  tracker(args: readonly string[], around?: Launch): Program {
    return this.#start(`${this.name}: tracker`, [TRACKER, ...args], around);
  }

  #start(name: string, args: readonly string[], around?: Launch, folder = this.folder): Program {
    const launch = around ?? this.network?.launch.bind(this.network) ?? this.#launch;
    const [file, fileArgs] = launch?.(process.execPath, args) ?? [process.execPath, args];
    return this.#sandbox.start({
      name,
      file,
      args: fileArgs,
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', HOME: this.home, SHOAL_HOME: this.home, ...this.#variables },
    });
  }
}

/** A tracker that runs on a machine. */
export interface Tracker {
  readonly program: Program;
  readonly url: string;
  readonly port: number;
}

/** A daemon that runs on a machine, with its control API. */
export class Agent {
  readonly program: Program;
  readonly control: ControlClient;

  constructor(program: Program, control: ControlClient) {
    this.program = program;
    this.control = control;
  }

  /** The share as it stands, or undefined when the agent does not have it. */
  async transfer(infoHash: InfoHash): Promise<Transfer | undefined> {
    return (await this.control.transfers()).find((transfer) => transfer.infoHash === infoHash);
  }

  /** Waits until the share is as asked for; fails at once when it failed and that was not asked for. */
  async reaches(infoHash: InfoHash, isThere: (transfer: Transfer) => boolean): Promise<Transfer> {
    return eventually(`${this.program.name} to get on with ${infoHash}`, async () => {
      const transfer = await this.transfer(infoHash);
      if (transfer !== undefined && isThere(transfer)) return transfer;
      if (transfer?.state === 'failed') throw new Error(`${this.program.name}: ${JSON.stringify(transfer)}`);
      return undefined;
    });
  }
}
