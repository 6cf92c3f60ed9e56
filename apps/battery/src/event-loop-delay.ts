import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { eventually, type Machine, type Program } from '@shoal/testbed';

const PRELOAD = resolve(import.meta.dirname, '../preload/event-loop-delay.mjs');
const PATIENCE_MS = 20_000;

/** How late the event loop of a program was, between two looks. */
export interface EventLoopDelay {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Watches the event loop of a built program from outside: the program itself knows nothing of it. */
export class EventLoopWatch {
  readonly #file: string;
  #round = 0;

  /** Has the programs that a machine starts from now on watched; one at a time is read. */
  constructor(machine: Machine) {
    this.#file = machine.path('event-loop-delay.json');
    machine.setVariable('EVENT_LOOP_DELAY_FILE', this.#file);
    machine.setVariable('NODE_OPTIONS', `--import=${PRELOAD}`);
  }

  /** How late it was since the last call, or since the start. */
  async read({ pid }: Pick<Program, 'pid'>): Promise<EventLoopDelay> {
    const round = ++this.#round;
    process.kill(pid, 'SIGUSR2');
    return eventually(
      'the event loop to be measured',
      async () => {
        const text = await readFile(this.#file, 'utf8').catch(() => '{"round":0}');
        const delay = JSON.parse(text) as EventLoopDelay & { readonly round: number };
        return delay.round === round ? delay : undefined;
      },
      PATIENCE_MS,
    );
  }
}
