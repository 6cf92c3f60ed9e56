import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Program, Sandbox } from '@shoal/testbed';

const PROGRAM = join(import.meta.dirname, 'caller-process.ts');

/** What a caller is to do. */
export interface CallOrder {
  readonly kind: 'register' | 'find';
  readonly port: number;
  /** Calls under way at once. */
  readonly connections: number;
  /** Which small shares, by number. */
  readonly shares: readonly number[] | { readonly first: number; readonly count: number };
  /** Whether a call that is refused with 503 is tried again until it is not. */
  readonly isPatient?: boolean;
  /** The file that takes what it did. */
  readonly result: string;
}

/** What a caller did. */
export interface CallsMade {
  /** The shares whose call was answered well: registered, or found. */
  readonly done: readonly number[];
  /** How many calls were refused, or ended without an answer, by status or reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** From the first connection to the last answer. */
  readonly seconds: number;
  /** How many were answered well in a second, in the last two. */
  readonly perSecondAtEnd: number;
  readonly latenciesMs: readonly number[];
}

/** A program that makes calls. */
export class Caller {
  readonly #program: Program;
  readonly #files: readonly string[];

  private constructor(program: Program, files: readonly string[]) {
    this.#program = program;
    this.#files = files;
  }

  /** Resolves when its first call is about to be made. */
  static async start(sandbox: Sandbox, order: Omit<CallOrder, 'result'>): Promise<Caller> {
    const [orderFile, result] = ['order', 'result'].map((name) => join(sandbox.root, `${name}-${randomUUID()}.json`));
    if (orderFile === undefined || result === undefined) throw new Error('invariant: two files');
    await writeFile(orderFile, JSON.stringify({ ...order, result } satisfies CallOrder));
    const program = sandbox.start({
      name: `caller (${order.kind})`,
      file: process.execPath,
      args: ['--import', import.meta.resolve('tsx'), PROGRAM, orderFile],
      cwd: sandbox.root,
      env: { PATH: process.env.PATH ?? '' },
    });
    await program.printed(/calling/);
    return new Caller(program, [orderFile, result]);
  }

  /** Waits until it is done, or until the tracker is gone; longer than a program may take to print something. */
  async made(): Promise<CallsMade> {
    await this.#program.exited;
    await this.#program.succeeded();
    const [, result = ''] = this.#files;
    const made = JSON.parse(await readFile(result, 'utf8')) as CallsMade;
    for (const file of this.#files) await rm(file);
    return made;
  }
}

/** Makes calls and waits for the end of all. */
export async function makeCalls(sandbox: Sandbox, order: Omit<CallOrder, 'result'>): Promise<CallsMade> {
  return (await Caller.start(sandbox, order)).made();
}
