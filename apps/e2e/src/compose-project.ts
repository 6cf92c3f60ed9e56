/** The test swarm under a project name of its own, driven as a person would: with Compose and `docker`. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { execCompose, type IDockerComposeExecutableOptions, type IDockerComposeOptions } from 'docker-compose';
import * as z from 'zod';

const run = promisify(execFile);
const REPOSITORY = resolve(import.meta.dirname, '../../..');
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

const containerSchema = z.object({
  Name: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    ExitCode: z.number(),
    Health: z.object({ Status: z.string() }),
  }),
  Config: z.object({ User: z.string() }),
  HostConfig: z.object({
    ReadonlyRootfs: z.boolean(),
    CapDrop: z.array(z.string()),
    SecurityOpt: z.array(z.string()),
    PortBindings: z.record(z.string(), z.array(z.object({ HostPort: z.string() }))),
    RestartPolicy: z.object({ Name: z.string() }),
    Memory: z.number(),
    NanoCpus: z.number(),
    PidsLimit: z.number(),
  }),
});
/** A container as `docker inspect` shows it. */
export type Container = z.infer<typeof containerSchema>;

export class ComposeProject {
  /** The port of this machine at which the tracker is published. */
  readonly port: number;
  readonly #options: IDockerComposeOptions;

  private constructor(port: number, options: IDockerComposeOptions) {
    this.port = port;
    this.#options = options;
  }

  /** Why there can be no project here; undefined where there can. */
  static async whyNot(): Promise<string | undefined> {
    if ((await answerOf(['version', '--format', '{{.Server.Version}}'])) === undefined) {
      return 'no Docker engine answers';
    }
    return (await findCompose()) === undefined ? 'there is no Compose' : undefined;
  }

  /** @param name of the project: what is made for one name is apart from all else */
  static async create(name: string): Promise<ComposeProject> {
    const executable = await findCompose();
    if (executable === undefined) throw new Error('there is no Compose');
    const port = await freePort();
    const env = { ...process.env, SWARM_TRACKER_PORT: String(port) };
    return new ComposeProject(port, { cwd: REPOSITORY, executable, composeOptions: ['-p', name], env });
  }

  /** Runs a command of Compose to its end; throws its output when it fails. */
  async compose(command: string, ...args: readonly string[]): Promise<string> {
    try {
      return (await execCompose(command, args, this.#options)).out;
    } catch (failure) {
      throw new Error(`compose ${command} failed: ${JSON.stringify(failure)}`, { cause: failure });
    }
  }

  /** Ids of the containers of a service, or of all. */
  async containers(...services: readonly string[]): Promise<string[]> {
    const ids = await this.compose('ps', '-q', ...services);
    return ids.split('\n').filter((id) => id !== '');
  }

  async inspect(...services: readonly string[]): Promise<Container[]> {
    const ids = await this.containers(...services);
    return z.array(containerSchema).parse(JSON.parse(await docker('inspect', ...ids)));
  }
}

/** Runs a command of `docker` to its end and returns what it printed. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await run('docker', args, { cwd: REPOSITORY, maxBuffer: MAX_OUTPUT_BYTES })).stdout;
}

async function findCompose(): Promise<IDockerComposeExecutableOptions | undefined> {
  if ((await answerOf(['compose', 'version'])) !== undefined) return { executablePath: 'docker' };
  return (await answerOf(['version'], 'docker-compose')) === undefined ? undefined : { standalone: true };
}

/** What a program prints; undefined when it is not there or fails. */
async function answerOf(args: readonly string[], program = 'docker'): Promise<string | undefined> {
  try {
    return (await run(program, args)).stdout;
  } catch {
    return undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (typeof address !== 'object' || address === null) throw new Error('invariant: a TCP server has a port');
  return address.port;
}
