import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/store/migrate.ts';

const OURS = join(import.meta.dirname, '../../prisma/migrations');
let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-migrate-'));
  file = join(folder, 'tracker.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function withDatabase<T>(read: (database: Database.Database) => T): T {
  const database = new Database(file);
  try {
    return read(database);
  } finally {
    database.close();
  }
}

/** A copy of the migrations with one more. */
function migrationsWith(name: string, sql: string): string {
  const copy = join(folder, 'migrations');
  cpSync(OURS, copy, { recursive: true });
  mkdirSync(join(copy, name));
  writeFileSync(join(copy, name, 'migration.sql'), sql);
  return copy;
}

describe('a migration', () => {
  it('is applied once and recorded as Prisma does it', () => {
    migrate(file);
    migrate(file);
    const records = withDatabase((database) => database.prepare('SELECT * FROM "_prisma_migrations"').all());
    const names = readdirSync(OURS).filter((name) => !name.endsWith('.toml'));
    expect(records).toEqual(
      names.map((name) => ({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        checksum: createHash('sha256')
          .update(readFileSync(join(OURS, name, 'migration.sql')))
          .digest('hex'),
        migration_name: name,
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Number) as number,
        finished_at: expect.any(Number) as number,
        applied_steps_count: 1,
      })),
    );
  });

  it('that a newer program brings is applied to what is there', () => {
    migrate(file);
    migrate(file, migrationsWith('29990101000000_more', 'CREATE TABLE "More" ("id" INTEGER);'));
    expect(withDatabase((database) => database.prepare('SELECT count(*) FROM "More"').pluck().get())).toBe(0);
  });

  it('that fails leaves the database as it was', () => {
    const broken = migrationsWith('29990101000000_broken', 'CREATE TABLE "More" ("id" INTEGER); SELECT nonsense;');
    expect(() => {
      migrate(file, broken);
    }).toThrow(expect.objectContaining({ code: 'database-unavailable' }));
    const tables = withDatabase((database) => database.prepare('SELECT name FROM sqlite_master').pluck().all());
    expect(tables).toEqual([]);
  });
});

describe('a database is refused', () => {
  function refusal(): unknown {
    try {
      migrate(file);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  it('when a newer program wrote it', () => {
    migrate(file, migrationsWith('29990101000000_more', 'CREATE TABLE "More" ("id" INTEGER);'));
    expect(refusal()).toMatchObject({
      code: 'database-newer',
      message: expect.stringContaining('29990101000000_more') as string,
    });
  });

  it('when it belongs to another program, which it leaves alone', () => {
    withDatabase((database) => database.exec('CREATE TABLE "Theirs" ("id" INTEGER)'));
    expect(refusal()).toMatchObject({ code: 'database-unavailable', message: expect.stringContaining(file) as string });
    const tables = withDatabase((database) => database.prepare('SELECT name FROM sqlite_master').pluck().all());
    expect(tables).toEqual(['Theirs']);
  });

  it('when it is not a database', () => {
    writeFileSync(file, 'not a database at all, but some text that is longer than the header of one'.repeat(9));
    expect(refusal()).toMatchObject({ code: 'database-unavailable', message: expect.stringContaining(file) as string });
  });

  it('when its end is missing', () => {
    migrate(file);
    truncateSync(file, 8_192);
    expect(refusal()).toMatchObject({ code: 'database-unavailable' });
  });

  it('when its end is missing and a log of a program that was killed hides it', () => {
    const before = join(folder, 'before.db');
    migrate(before);
    const killed = new Database(before);
    killed.exec('CREATE TABLE "Large" ("text" TEXT)');
    killed.prepare('INSERT INTO "Large" VALUES (?)').run('x'.repeat(400_000));
    killed.pragma('wal_checkpoint(TRUNCATE)');
    killed.prepare('INSERT INTO "Large" VALUES (?)').run('a little more');
    cpSync(before, file);
    cpSync(`${before}-wal`, `${file}-wal`);
    killed.close();
    truncateSync(file, statSync(file).size - 200_000);
    expect(refusal()).toMatchObject({
      code: 'database-unavailable',
      message: expect.stringContaining('end') as string,
    });
  });

  it('when it cannot be opened', () => {
    mkdirSync(file);
    expect(refusal()).toMatchObject({ code: 'database-unavailable', message: expect.stringContaining(file) as string });
  });
});
