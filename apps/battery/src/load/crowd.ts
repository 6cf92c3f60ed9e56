import { join } from 'node:path';
import { eventually, type Program, type Sandbox } from '@shoal/testbed';

/** However slow the machine is, they are in or refused within this. */
const ENTER_MS = 300_000;
const PROGRAM = join(import.meta.dirname, 'crowd-process.ts');

/** What a crowd is to do. */
export interface CrowdOrder {
  /** What makes its peer ids different from those of another crowd. */
  readonly name: string;
  readonly port: number;
  readonly sessions: number;
  /** Over how many swarms they are spread. */
  readonly swarms: number;
  /** How many go, and as many come, in a second when all are there; 0 for none. */
  readonly churnPerSecond: number;
}

/** How a crowd is. */
export interface CrowdState {
  /** From the first dial until every session was answered, in seconds. */
  readonly openS: number;
  readonly standing: number;
  /** Sessions that were opened so far, those of the churn included. */
  readonly opened: number;
  /** Sessions that the tracker ended. */
  readonly dropped: number;
  /** Sessions that the tracker did not let in. */
  readonly refused: number;
}

/** A program that holds sessions. */
export class Crowd {
  readonly program: Program;

  private constructor(program: Program) {
    this.program = program;
  }

  /** Resolves when all have entered, or were refused. */
  static async enter(sandbox: Sandbox, order: CrowdOrder): Promise<Crowd> {
    const program = sandbox.start({
      name: `crowd ${order.name}`,
      file: process.execPath,
      args: ['--import', import.meta.resolve('tsx'), PROGRAM, JSON.stringify(order)],
      cwd: sandbox.root,
      env: { PATH: process.env.PATH ?? '' },
    });
    await eventually(`${program.name} to enter`, () => Promise.resolve(saidFirst(program)), ENTER_MS);
    return new Crowd(program);
  }

  /** How it is now. */
  async state(): Promise<CrowdState> {
    const from = this.program.type('state');
    const [line] = await this.program.printed(/.+\n/, from);
    return JSON.parse(line) as CrowdState;
  }

  /** From now on nobody goes and nobody comes. */
  calm(): void {
    this.program.type('calm');
  }

  async leave(): Promise<void> {
    await this.program.stop('SIGKILL');
  }
}

function saidFirst({ isRunning, stdout, name }: Program): true | undefined {
  if (!isRunning) throw new Error(`${name} has ended`);
  return stdout.includes('\n') || undefined;
}
