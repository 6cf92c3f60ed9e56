import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * A program that stands for other machines, whose processors are not the tracker's: on this one it runs only while neither the
 * tracker nor whoever measures wants to (`SCHED_IDLE`; the lowest priority alone may still finish its slice of 3 ms first).
 */
export class Elsewhere<News> {
  readonly #child: ChildProcess;
  #news: News;

  private constructor(child: ChildProcess, news: News) {
    this.#child = child;
    this.#news = news;
    child.on('message', (next) => {
      this.#news = next as News;
    });
  }

  /**
   * Starts a program of this folder, hands it its order, and resolves when it has sent news first.
   * @param program its file's name
   */
  static async start<News>(program: string, order: object): Promise<Elsewhere<News>> {
    const execArgv = ['--idle', '0', process.execPath, ...process.execArgv];
    const child = fork(join(import.meta.dirname, program), { execPath: 'chrt', execArgv });
    child.send(order);
    const [news] = (await once(child, 'message')) as [News];
    return new Elsewhere(child, news);
  }

  /** What it said last. */
  get news(): News {
    return this.#news;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
