import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { CrowdNews, CrowdOrder } from './crowd-process.ts';

/** Agents with sessions, in a process of their own. */
export class Crowd {
  readonly #child: ChildProcess;
  #reportBytes = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (news) => {
      this.#reportBytes = (news as CrowdNews).reportBytes;
    });
  }

  /** Resolves when all have entered. */
  static async enter(order: CrowdOrder): Promise<Crowd> {
    const child = fork(join(import.meta.dirname, 'crowd-process.ts'), { execArgv: [...process.execArgv] });
    const crowd = new Crowd(child);
    child.send(order);
    await once(child, 'message');
    return crowd;
  }

  /** Bytes of reports that all have sent so far. */
  get reportBytes(): number {
    return this.#reportBytes;
  }

  leave(): void {
    this.#child.kill();
  }
}
