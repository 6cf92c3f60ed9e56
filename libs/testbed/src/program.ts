import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { EventEmitter } from 'node:events';

/** How to start a program. */
export interface ProgramStart {
  /** For messages: `tracker`, `leecher 2`. */
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment: nothing of ours leaks in. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a program ended: by itself with a code, or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long a program may take to print what is waited for, or to end; generous, for a machine that is busy. */
const PATIENCE_MS = 60_000;
/** How long a program that is asked to end may take to put its things in order. */
const GRACE_MS = 10_000;

/** A running child process, with everything that it has printed so far. */
export class Program {
  readonly name: string;
  /** Settles when the program has ended and all of its output has arrived. */
  readonly exited: Promise<Exit>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #changed = new EventEmitter().setMaxListeners(0);
  #stdout = '';
  #stderr = '';
  #output = '';
  #exit: Exit | undefined;

  private constructor(name: string, child: ChildProcessWithoutNullStreams) {
    this.name = name;
    this.#child = child;
    child.stdin.on('error', () => undefined); // who types to a program that has just ended sees it in `exited`
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#grow(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#grow(text);
    });
    this.exited = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#exit = { code: null, signal: null };
        reject(error);
      });
      child.once('close', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
        this.#changed.emit('change');
      });
    });
    this.exited.catch(() => undefined); // a start that failed is reported to whoever waits
  }

  static start({ name, file, args, cwd, env }: ProgramStart): Program {
    return new Program(name, spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} could not be started`);
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Standard output and error as they arrived. */
  get output(): string {
    return this.#output;
  }

  /**
   * Types a line on standard input.
   * @returns where the output stood, to wait for what the program prints from there on
   */
  type(line: string): number {
    this.#child.stdin.write(`${line}\n`);
    return this.#output.length;
  }

  /** Ends standard input, as Ctrl-D does. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /**
   * Waits until the output matches.
   * @param from how much of the output to pass over
   * @throws Error with the whole output, when the program ends first or nothing comes
   */
  printed(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return this.#until(`print ${String(pattern)}`, () => {
      const match = pattern.exec(this.#output.slice(from));
      if (!match && this.#exit) throw this.#failure(`ended before it printed ${String(pattern)}`);
      return match ?? undefined;
    });
  }

  /** Waits for the end; throws Error when it does not come. */
  async ended(): Promise<Exit> {
    await Promise.race([this.exited, this.#until('end', () => this.#exit)]);
    return this.exited;
  }

  /** Waits for the end and for success; throws Error with the whole output otherwise. */
  async succeeded(): Promise<this> {
    const { code, signal } = await this.ended();
    if (code !== 0) throw this.#failure(`ended with ${String(code ?? signal)}`);
    return this;
  }

  /** Sends a signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.#child.kill(signal);
    return this.ended();
  }

  /** Asks the program to end, so that it ends its own children, and makes it end when it does not soon. */
  async end(): Promise<void> {
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    try {
      await this.stop('SIGTERM');
    } finally {
      clearTimeout(insist);
    }
  }

  #grow(text: string): void {
    this.#output += text;
    this.#changed.emit('change');
  }

  #until<T>(doing: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        this.#changed.off('change', check);
      };
      const check = (): void => {
        try {
          const found = look();
          if (found === undefined) return;
          stop();
          resolve(found);
        } catch (error) {
          stop();
          reject(error);
        }
      };
      const timer = setTimeout(() => {
        stop();
        reject(this.#failure(`did not ${doing} within ${PATIENCE_MS / 1000} s`));
      }, PATIENCE_MS);
      this.#changed.on('change', check);
      check();
    });
  }

  #failure(what: string): Error {
    return new Error(`${this.name} ${what}; it printed:\n${this.#output}`);
  }
}
