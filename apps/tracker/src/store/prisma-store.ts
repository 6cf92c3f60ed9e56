import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { infoHashSchema, peerIdSchema, ShoalError, type InfoHash } from '@shoal/protocol';
import * as z from 'zod';
import { Prisma, PrismaClient } from './generated/client.ts';
import { GroupCommit } from './group-commit.ts';
import { migrate } from './migrate.ts';
import { gramTokens, indexQuery, matchingPaths, searchableText } from './searchable-text.ts';
import type {
  CatalogueEntry,
  CatalogueHit,
  CatalogueQuery,
  CatalogueShare,
  Registration,
  RegistrationKey,
  TrackerStore,
} from './tracker-store.ts';
import { WriteQueue } from './write-queue.ts';

/** SQLite waits this long for another process's lock; it blocks the program, so the write queue does the waiting. */
const LOCK_WAIT_MS = 20;
/** Write-ahead log, `synchronous=FULL`, foreign keys on. */
const DURABLE = 'wal 2 1';
const WRITE_PATIENCE_MS = 5_000;
/** Shares in one transaction, and the characters of their documents: the event loop stands still meanwhile. */
const SHARES_AT_ONCE = { items: 256, weight: 1024 * 1024 };
/** Paths read for one page of hits, to show which of them match: what bounds the time of a search. */
const SHOWN_PATHS_BYTES = 4 * 1024 * 1024;

/** What Prisma tells of a statement in SQL that met a lock. */
const rawFailureSchema = z.object({
  driverAdapterError: z.object({ cause: z.object({ kind: z.literal('SocketTimeout') }) }),
});

/** What a store may be given instead of the usual. */
export interface PrismaStoreOptions {
  /** How long a write is tried again while another process holds the lock, before it fails. */
  readonly patienceMs?: number;
}

interface HitRow {
  readonly id: number;
  readonly infoHash: string;
  readonly name: string;
  readonly length: number | bigint;
  readonly fileCount: number;
  readonly registeredAt: string;
  readonly pathsBytes: number | bigint;
}

/**
 * Opens the database, creating file and folder where they are missing, and brings it to this program's schema.
 * @throws ShoalError `database-unavailable`, `database-newer`
 */
export async function openPrismaStore(
  file: string,
  { patienceMs = WRITE_PATIENCE_MS }: PrismaStoreOptions = {},
): Promise<TrackerStore> {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw new ShoalError('database-unavailable', `creating the folder of the database ${file}`, { cause });
  }
  migrate(file);
  const adapter = new PrismaBetterSqlite3({ url: file, timeout: LOCK_WAIT_MS });
  const store = new PrismaStore(new PrismaClient({ adapter, errorFormat: 'minimal' }), patienceMs);
  try {
    await store.configure();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

class PrismaStore implements TrackerStore {
  readonly #prisma: PrismaClient;
  readonly #writes: WriteQueue;
  readonly #shares = new GroupCommit<CatalogueEntry>({
    commit: (entries) => this.#writes.run(() => this.#commitShares(entries)),
    weigh: ({ document }) => document.length,
    limits: SHARES_AT_ONCE,
  });

  constructor(prisma: PrismaClient, patienceMs: number) {
    this.#writes = new WriteQueue(isLockConflict, patienceMs);
    this.#prisma = prisma;
  }

  /** Sets what makes an acknowledged write durable, and asks whether it holds. */
  configure(): Promise<void> {
    return attempt('configuring the database', async () => {
      await this.#prisma.$queryRaw`PRAGMA journal_mode = WAL`;
      await this.#prisma.$queryRaw`PRAGMA synchronous = FULL`;
      await this.#prisma.$queryRaw`PRAGMA foreign_keys = ON`;
      // What SQLite does not hold the system does; the usual 16 MiB would be half of what 100,000 peers take.
      await this.#prisma.$queryRaw`PRAGMA cache_size = -2000`;
      const [row] = await this.#prisma.$queryRaw<{ state: string }[]>`
        SELECT concat_ws(' ', (SELECT journal_mode FROM pragma_journal_mode),
                              (SELECT synchronous FROM pragma_synchronous),
                              (SELECT foreign_keys FROM pragma_foreign_keys)) AS state`;
      if (row?.state !== DURABLE) throw new Error(`it must be in the state "${DURABLE}", not "${String(row?.state)}"`);
    });
  }

  addShare(entry: CatalogueEntry): Promise<boolean> {
    return attempt(`registering the share ${entry.infoHash}`, () => this.#shares.add(entry));
  }

  hasShare(infoHash: InfoHash): Promise<boolean> {
    return attempt(`looking for the share ${infoHash}`, () => this.#has(infoHash));
  }

  async readDocument(infoHash: InfoHash): Promise<string | undefined> {
    const row = await attempt(`reading the share ${infoHash}`, () =>
      this.#prisma.share.findUnique({ where: { infoHash }, select: { document: true } }),
    );
    return row?.document;
  }

  describe(infoHashes: readonly InfoHash[]): Promise<readonly CatalogueShare[]> {
    return attempt('describing shares', async () => {
      const select = { infoHash: true, name: true, length: true, fileCount: true, registeredAt: true } as const;
      const rows = await this.#prisma.share.findMany({ where: { infoHash: { in: [...infoHashes] } }, select });
      return rows.map(({ infoHash, length, ...row }) => {
        return { ...row, infoHash: infoHashSchema.parse(infoHash), length: Number(length) };
      });
    });
  }

  search(query: CatalogueQuery): Promise<readonly CatalogueHit[]> {
    return attempt('searching the catalogue', async () => {
      const rows = await this.#findRows(query);
      const matches = await this.#findMatches(query.text, rows);
      return rows.map(({ id, infoHash, length, pathsBytes: _, ...row }) => ({
        ...row,
        position: id,
        infoHash: infoHashSchema.parse(infoHash),
        length: Number(length),
        matches: matches.get(id) ?? [],
      }));
    });
  }

  countShares(): Promise<number> {
    return attempt('counting the shares', () => this.#prisma.share.count());
  }

  async saveRegistrations(changed: readonly Registration[], removed: readonly RegistrationKey[]): Promise<void> {
    const changes = JSON.stringify(changed.map((r) => [r.infoHash, r.peerId, r.host, r.port, r.left]));
    const removals = JSON.stringify(removed.map((r) => [r.infoHash, r.peerId]));
    await attempt('saving registrations', () =>
      this.#writes.run(() =>
        this.#prisma.$transaction([
          // Replacing a row would write it anew in the table and in its index; an update writes it where it is.
          this.#prisma.$executeRaw`
            INSERT INTO "Registration" ("infoHash", "peerId", "host", "port", "left")
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(${changes}) WHERE true
            ON CONFLICT DO UPDATE SET "host" = excluded."host", "port" = excluded."port", "left" = excluded."left"`,
          this.#prisma.$executeRaw`
            DELETE FROM "Registration" WHERE ("infoHash", "peerId") IN
            (SELECT value ->> 0, value ->> 1 FROM json_each(${removals}))`,
        ]),
      ),
    );
  }

  async loadRegistrations(): Promise<readonly Registration[]> {
    const rows = await attempt('reading registrations', () => this.#prisma.registration.findMany());
    return rows.map(({ infoHash, peerId, host, port, left }) => ({
      infoHash: infoHashSchema.parse(infoHash),
      peerId: peerIdSchema.parse(peerId),
      host,
      port,
      left: Number(left),
    }));
  }

  async check(): Promise<void> {
    await attempt('asking the database', () => this.#prisma.$queryRaw`SELECT 1 FROM "Share" LIMIT 1`);
  }

  async close(): Promise<void> {
    await this.#shares.idle();
    await this.#writes.idle();
    await this.#prisma.$disconnect();
  }

  /** Commits those that are not there yet, each once, and tells which they were. */
  async #commitShares(entries: readonly CatalogueEntry[]): Promise<ReadonlySet<CatalogueEntry>> {
    const known = new Set(await this.#findKnown(entries));
    const fresh = entries.filter(({ infoHash }) => !known.has(infoHash) && known.add(infoHash));
    if (fresh.length === 0) return new Set();
    const rows = fresh.map((entry) => {
      const { infoHash, name, length, fileCount, registeredAt, paths, document } = entry;
      return [infoHash, name, length, fileCount, registeredAt, paths.join('\n'), document];
    });
    const texts = fresh.map(({ infoHash, name, paths }) => [infoHash, searchableText(name, paths)] as const);
    const grams = texts.map(([infoHash, text]) => [infoHash, gramTokens(text)]);
    await this.#prisma.$transaction([
      this.#prisma.$executeRaw`
        INSERT INTO "Share" ("infoHash", "name", "length", "fileCount", "registeredAt", "paths", "document")
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
        FROM json_each(${JSON.stringify(rows)}) ORDER BY key`,
      this.#prisma.$executeRaw`
        INSERT INTO "ShareText" (rowid, "text") SELECT "Share"."id", value ->> 1
        FROM json_each(${JSON.stringify(texts)}) CROSS JOIN "Share" ON "infoHash" = value ->> 0 ORDER BY "Share"."id"`,
      this.#prisma.$executeRaw`
        INSERT INTO "ShareGram" (rowid, "grams") SELECT "Share"."id", value ->> 1
        FROM json_each(${JSON.stringify(grams)}) CROSS JOIN "Share" ON "infoHash" = value ->> 0 ORDER BY "Share"."id"`,
    ]);
    return new Set(fresh);
  }

  async #findKnown(entries: readonly CatalogueEntry[]): Promise<readonly string[]> {
    const infoHashes = JSON.stringify(entries.map(({ infoHash }) => infoHash));
    const rows = await this.#prisma.$queryRaw<{ infoHash: string }[]>`
      SELECT "infoHash" FROM "Share" WHERE "infoHash" IN (SELECT value FROM json_each(${infoHashes}))`;
    return rows.map(({ infoHash }) => infoHash);
  }

  async #has(infoHash: InfoHash): Promise<boolean> {
    return (await this.#prisma.share.findUnique({ where: { infoHash }, select: { id: true } })) !== null;
  }

  async #findRows({ text, limit, before }: CatalogueQuery): Promise<readonly HitRow[]> {
    const query = indexQuery(text);
    if (query.kind === 'nothing') return [];
    const end = before ?? Number.MAX_SAFE_INTEGER;
    const rows = Prisma.sql`
      SELECT "id", "infoHash", "name", "length", "fileCount", "registeredAt", octet_length("paths") AS "pathsBytes"
      FROM "Share"`;
    if (query.kind === 'everything') {
      return this.#prisma.$queryRaw<HitRow[]>`${rows} WHERE "id" < ${end} ORDER BY "id" DESC LIMIT ${limit}`;
    }
    const index = query.kind === 'trigrams' ? Prisma.sql`"ShareText"` : Prisma.sql`"ShareGram"`;
    return this.#prisma.$queryRaw<HitRow[]>`
      ${rows} WHERE "id" IN
      (SELECT rowid FROM ${index} WHERE ${index} MATCH ${query.match} AND rowid < ${end} ORDER BY rowid DESC LIMIT ${limit})
      ORDER BY "id" DESC`;
  }

  /** The matching paths of the first hits, as far as `SHOWN_PATHS_BYTES` reach. */
  async #findMatches(text: string, rows: readonly HitRow[]): Promise<ReadonlyMap<number, readonly string[]>> {
    const matches = new Map<number, readonly string[]>();
    if (text === '') return matches;
    let bytes = 0;
    const shown = rows.filter((row) => (bytes += Number(row.pathsBytes)) <= SHOWN_PATHS_BYTES);
    const found = await this.#prisma.share.findMany({
      where: { id: { in: shown.map((row) => row.id) } },
      select: { id: true, paths: true },
    });
    for (const { id, paths } of found) matches.set(id, matchingPaths(text, paths === '' ? [] : paths.split('\n')));
    return matches;
  }
}

/** SQLite's BUSY, which Prisma calls a timeout of the socket: another process holds the lock, nothing was written. */
function isLockConflict(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false;
  return error.code === 'P1008' || (error.code === 'P2010' && rawFailureSchema.safeParse(error.meta).success);
}

async function attempt<T>(what: string, action: () => PromiseLike<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ShoalError('database-unavailable', `${what}: ${reason}`, { cause });
  }
}
