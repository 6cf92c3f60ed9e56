import { join } from 'node:path';
import { Machine, Sandbox, type Launch, type Tracker } from '@shoal/testbed';
import Database from 'better-sqlite3';

/** A machine on which a tracker runs, dies and starts again on one database, always at the same port. */
export class TrackerHome {
  readonly sandbox: Sandbox;
  readonly machine: Machine;
  #port = 0;

  private constructor(sandbox: Sandbox, machine: Machine) {
    this.sandbox = sandbox;
    this.machine = machine;
  }

  static async create(sandbox: Sandbox, name = 'tracker'): Promise<TrackerHome> {
    return new TrackerHome(sandbox, await Machine.create(sandbox, name));
  }

  /** The file of its database. */
  get database(): string {
    return join(this.machine.home, 'tracker.db');
  }

  /** Starts the tracker and waits until it answers, its database included. */
  async start(around?: Launch): Promise<RunningTracker> {
    const begunAt = performance.now();
    const tracker = await this.machine.startTracker(this.#port, '127.0.0.1', around);
    const answer = await fetch(`${tracker.url}/healthz`);
    if (!answer.ok) throw new Error(`the tracker answers ${answer.status}`);
    this.#port = tracker.port;
    return { ...tracker, readyS: (performance.now() - begunAt) / 1_000 };
  }

  /** What SQLite finds wrong with the database, and in its indexes of text: `ok`. */
  integrity(): string {
    return this.read((database) => String(database.pragma('integrity_check', { simple: true })));
  }

  /** Looks into the database as another program, whether the tracker runs or not. */
  read<T>(look: (database: Database.Database) => T): T {
    const database = new Database(this.database);
    try {
      return look(database);
    } finally {
      database.close();
    }
  }
}

/** A tracker that answers. */
export interface RunningTracker extends Tracker {
  /** From the start of its process to its first answer, in seconds. */
  readonly readyS: number;
}

/** Makes a home for a tracker, does something there, and clears it whatever happens. */
export async function atTrackerHome<T>(act: (home: TrackerHome) => Promise<T>): Promise<T> {
  const sandbox = await Sandbox.create();
  try {
    return await act(await TrackerHome.create(sandbox));
  } finally {
    await sandbox.clear();
  }
}
