/**
 * Who of many equal leechers has which folder. A slot is a numbered folder with a database that its owner keeps locked;
 * the kernel lets go of the lock when the owner ends, however it ends, so that a slot is never in doubt. The lock also
 * holds between containers that mount the same volume.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const CLAIM = 'claim.db';

/** A folder that this process alone uses while it lives. */
export interface Slot {
  /** From 1. */
  readonly number: number;
  readonly path: string;
  readonly release: () => void;
}

/** Claims the first free slot of a folder, and makes one when all are taken. */
export function claimSlot(folder: string): Slot {
  for (let number = 1; ; number++) {
    const path = join(folder, `slot-${number}`);
    mkdirSync(path, { recursive: true });
    const claim = new Database(join(path, CLAIM), { timeout: 0 });
    if (isDone(claim, 'BEGIN EXCLUSIVE')) return { number, path, release: () => claim.close() };
    claim.close();
  }
}

/** The slots of a folder that somebody has claimed, in order. Reading is enough for the question. */
export function claimedSlots(folder: string): Pick<Slot, 'number' | 'path'>[] {
  const numbers = readdirSync(folder).flatMap((name) => /^slot-(\d+)$/.exec(name)?.[1] ?? []);
  return numbers
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => ({ number, path: join(folder, `slot-${number}`) }))
    .filter(({ path }) => isClaimed(path));
}

function isClaimed(path: string): boolean {
  const claim = new Database(join(path, CLAIM), { timeout: 0, readonly: true });
  try {
    return !isDone(claim, 'SELECT name FROM sqlite_master');
  } finally {
    claim.close();
  }
}

function isDone(claim: Database.Database, statement: string): boolean {
  try {
    claim.exec(statement);
    return true;
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return false;
    throw error;
  }
}
