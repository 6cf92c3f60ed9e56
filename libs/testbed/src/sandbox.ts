import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, type ProgramStart } from './program.ts';

/** A temporary folder and the programs that were started in it: all of it is gone after `clear`. */
export class Sandbox {
  /** The folder, absolute. */
  readonly root: string;
  readonly #programs: Program[] = [];

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<Sandbox> {
    return new Sandbox(await mkdtemp(join(tmpdir(), 'shoal-sandbox-')));
  }

  /** Makes a folder in the sandbox, unless it is there. */
  async folder(name: string): Promise<string> {
    const path = join(this.root, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Starts a program that `clear` will end. */
  start(options: ProgramStart): Program {
    const program = Program.start(options);
    this.#programs.push(program);
    return program;
  }

  /** Ends every program that still runs; the folder stays. */
  async endPrograms(): Promise<void> {
    await Promise.all(this.#programs.filter((program) => program.isRunning).map((program) => program.end()));
  }

  /** Ends every program that still runs, and removes the folder. */
  async clear(): Promise<void> {
    await this.endPrograms();
    await rm(this.root, { recursive: true, force: true });
  }
}
