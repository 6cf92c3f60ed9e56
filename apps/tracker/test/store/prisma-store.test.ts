import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPrismaStore } from '../../src/store/prisma-store.ts';
import { describeTrackerStore, entryOf, hashOf, peerOf } from './tracker-store.contract.ts';

let folder: string;
let file: string;
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-store-'));
});
beforeEach(() => {
  file = newFile();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function newFile(): string {
  return join(folder, String(files++), 'tracker.db');
}

const registration = { infoHash: hashOf(1), peerId: peerOf(1), host: '10.0.0.1', port: 1, left: 0 };

describe('the Prisma store', () => {
  describeTrackerStore(() => openPrismaStore(newFile()));

  it('keeps what it acknowledged when it is opened again', async () => {
    const before = await openPrismaStore(file);
    await before.addShare(entryOf(1, 'photos'));
    await before.saveRegistrations([registration], []);
    await before.close();
    const after = await openPrismaStore(file);
    expect(await after.readDocument(hashOf(1))).toBe('{"n":1}');
    expect(await after.loadRegistrations()).toEqual([registration]);
    await after.close();
  });

  it('writes through a log', async () => {
    const store = await openPrismaStore(file);
    const other = new Database(file);
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
    other.close();
    await store.close();
  });
});

describe('while another process holds the lock', () => {
  function lock(): Database.Database {
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE');
    return other;
  }

  it('a write waits, and succeeds when the lock is gone', async () => {
    const store = await openPrismaStore(file);
    const other = lock();
    let isDone = false;
    const added = store.addShare(entryOf(1, 'photos')).then((isNew) => {
      isDone = true;
      return isNew;
    });
    const saved = store.saveRegistrations([registration], []);
    // Longer than SQLite itself waits for the lock.
    const lockedAt = performance.now();
    await expect.poll(() => performance.now() - lockedAt).toBeGreaterThan(200);
    expect(await store.countShares()).toBe(0);
    expect(isDone).toBe(false);
    other.exec('COMMIT');
    other.close();
    expect(await added).toBe(true);
    await saved;
    expect(await store.loadRegistrations()).toEqual([registration]);
    await store.close();
  });

  it('a write that waited too long fails, and what is acknowledged afterwards is committed', async () => {
    const store = await openPrismaStore(file, { patienceMs: 1 });
    const other = lock();
    await expect(store.addShare(entryOf(1, 'photos'))).rejects.toMatchObject({ code: 'database-unavailable' });
    await expect(store.addShare(entryOf(2, 'music'))).rejects.toMatchObject({ code: 'database-unavailable' });
    other.exec('COMMIT');
    expect(await store.addShare(entryOf(3, 'films'))).toBe(true);
    await store.saveRegistrations([{ infoHash: hashOf(3), peerId: peerOf(1), host: 'x', port: 1, left: 0 }], []);
    // Another connection sees only what was committed.
    expect(other.prepare('SELECT "name" FROM "Share"').pluck().all()).toEqual(['films']);
    expect(other.prepare('SELECT count(*) FROM "Registration"').pluck().get()).toBe(1);
    expect((await store.search({ text: 'photos', limit: 9 })).length).toBe(0);
    expect((await store.search({ text: 'films', limit: 9 })).length).toBe(1);
    other.close();
    await store.close();
  });

  it('a lock that comes and goes under many writes loses none that was acknowledged', async () => {
    const store = await openPrismaStore(file, { patienceMs: 1 });
    const other = new Database(file, { timeout: 0 });
    const outcomes = Array.from({ length: 40 }, (_, n) => store.addShare(entryOf(n, `share ${String(n)}`)));
    const toggle = setInterval(() => {
      try {
        other.exec(other.inTransaction ? 'COMMIT' : 'BEGIN IMMEDIATE');
      } catch {
        // The store is writing right now: the lock is tried for again.
      }
    }, 1);
    const settled = await Promise.allSettled(outcomes);
    clearInterval(toggle);
    if (other.inTransaction) other.exec('COMMIT');
    const acknowledged = settled.flatMap((outcome, n) => (outcome.status === 'fulfilled' ? [hashOf(n)] : []));
    const committed = other.prepare('SELECT "infoHash" FROM "Share"').pluck().all();
    expect(new Set(committed)).toEqual(new Set(acknowledged));
    other.close();
    await store.close();
  });
});
