/**
 * Brings a database to the schema of this program: applies what is missing of prisma/migrations and records it in
 * Prisma's own `_prisma_migrations`, as `prisma migrate deploy` would, so that Prisma's tools go on to work. Each
 * migration is one transaction together with its record. Runs before Prisma opens the database.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ShoalError } from '@shoal/protocol';
import Database from 'better-sqlite3';

const RECORDS = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies the missing migrations.
 * @throws ShoalError `database-newer` when the database has migrations that this program does not know;
 * `database-unavailable` when it cannot be opened or written, is damaged, or belongs to something else
 */
export function migrate(file: string, migrationsFolder = findMigrations()): void {
  const database = open(file);
  try {
    database.pragma('journal_mode = WAL');
    refuseTruncated(database, file);
    const known = readMigrations(migrationsFolder);
    database
      .transaction(() => {
        applyMissing(database, file, known);
      })
      .immediate();
  } catch (cause) {
    if (cause instanceof ShoalError) throw cause;
    throw new ShoalError('database-unavailable', `preparing the database ${file}: ${messageOf(cause)}`, { cause });
  } finally {
    database.close();
  }
}

/** The folder of migrations: beside the built program, or in the source tree. */
function findMigrations(): string {
  const candidates = ['./migrations', '../../prisma/migrations'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`invariant: the migrations are in ${candidates.join(' or ')}`);
  return found;
}

function open(file: string): Database.Database {
  try {
    return new Database(file);
  } catch (cause) {
    throw new ShoalError('database-unavailable', `opening the database ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** SQLite itself would notice only when somebody asks for what is missing. */
function refuseTruncated(database: Database.Database, file: string): void {
  const { bytes } = database
    .prepare<[], { bytes: number }>('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
    .get() ?? { bytes: 0 };
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (statSync(file).size + log >= bytes) return;
  throw new ShoalError('database-unavailable', `opening the database ${file}: its end is missing`);
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

function applyMissing(database: Database.Database, file: string, known: readonly Migration[]): void {
  refuseForeign(database, file);
  database.exec(RECORDS);
  const applied = new Set(
    database
      .prepare<[], string>('SELECT "migration_name" FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL')
      .pluck()
      .all(),
  );
  const unknown = [...applied].find((name) => !known.some((migration) => migration.name === name));
  if (unknown !== undefined) {
    throw new ShoalError('database-newer', `opening the database ${file}: it has the migration ${unknown}`);
  }
  for (const migration of known) if (!applied.has(migration.name)) apply(database, migration);
}

/** A database with tables of others is not ours to change. */
function refuseForeign(database: Database.Database, file: string): void {
  const tables = database.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
  if (tables.length > 0 && !tables.includes('_prisma_migrations')) {
    throw new ShoalError('database-unavailable', `opening the database ${file}: it is not a Shoal tracker's`);
  }
}

function apply(database: Database.Database, { name, sql, checksum }: Migration): void {
  const startedAt = Date.now();
  database.exec(sql);
  database
    .prepare(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count")
       VALUES (?, ?, ?, ?, ?, 1)`,
    )
    .run(randomUUID(), checksum, name, startedAt, Date.now());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
