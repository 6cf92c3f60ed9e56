import type { NetworkNamespace, Program, Sandbox } from '@shoal/testbed';

/** The file or folder that is moved. */
export interface SampleFile {
  readonly path: string;
  readonly bytes: number;
  /** As `sha256OfSample` gives it. */
  readonly sha256: string;
}

/** A computer as a measurement sees it. */
export interface Host {
  /** Unlike that of any other host of the stage. */
  readonly name: string;
  /** An address of its own. */
  readonly address: string;
  /** Where its programs run; absent for this machine's own network. */
  readonly network?: NetworkNamespace;
}

/** Where one transfer takes place. */
export interface Stage {
  /** Cleared after the transfer, with every program that was started in it. */
  readonly sandbox: Sandbox;
  readonly file: SampleFile;
  /** Where the tracker runs. */
  readonly meeting: Host;
  readonly seeder: Host;
}

/** A program that moves a file from one host to others, which help each other when there are several. */
export interface TransferProgram {
  readonly name: string;
  /** The version that is installed here, or undefined. */
  version(): Promise<string | undefined>;
  /** Whether it dials nobody in 127.0.0.0/8. */
  readonly needsOrdinaryAddresses?: boolean;
  /** Whether its leecher can run before it is told what to fetch; otherwise the order starts the program. */
  readonly standsBy: boolean;
  /** Starts a tracker and a seeder; resolves when the seeder can be found. */
  seed(stage: Stage): Promise<Seeder>;
}

/** A seeder that can be found. */
export interface Seeder {
  readonly program: Program;
  /** Starts it once more, after it has ended; resolves when it can be found. */
  again(): Promise<Program>;
  /**
   * Starts a leecher, which goes on seeding once it is complete.
   * @param begin `on order` resolves when it stands by; `at once` resolves when its process was started
   */
  fetch(host: Host, begin: 'at once' | 'on order'): Promise<Leecher>;
}

/** One fetch. */
export interface Leecher {
  readonly program: Program;
  /** When its process was started, on the clock of `now`. */
  readonly startedAt: number;
  /** Tells a leecher that stands by to begin. */
  order(): void;
  /** The moment, on the clock of `now`, at which the program had the whole file verified under its name. */
  readonly complete: Promise<number>;
  /** Where the file then is. */
  readonly copy: string;
}

/** The time of day in milliseconds, with fractions: the clock that other programs can read too. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/** How to start a program on a host. */
export interface Launch {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program on a host, in a folder of its own in the sandbox. */
export async function launch(sandbox: Sandbox, host: Host, { name, file, args, env }: Launch): Promise<Program> {
  const [program, programArgs] = host.network?.launch(file, args) ?? [file, args];
  return sandbox.start({
    name: `${host.name}: ${name}`,
    file: program,
    args: programArgs,
    cwd: await sandbox.folder(`${host.name}-scratch`),
    env: { PATH: process.env.PATH ?? '', HOME: await sandbox.folder(`${host.name}-home`), ...env },
  });
}
