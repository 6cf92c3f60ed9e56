import { setImmediate as nextTurn } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { smallShare } from './small-share.ts';

const AT_ONCE = 20_000;

/**
 * Writes small shares straight into a tracker's database, in its schema, with its indexes of text: a million of them in
 * about a minute. The tracker made the file before, and does not run.
 */
export async function prepareCatalogue(
  file: string,
  { first, count }: { first: number; count: number },
): Promise<void> {
  const database = new Database(file);
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -200000');
  const add = adder(database);
  for (let from = first; from < first + count; from += AT_ONCE) {
    database.transaction(() => {
      for (let number = from; number < Math.min(from + AT_ONCE, first + count); number++) add(number);
    })();
    await nextTurn();
  }
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

function adder(database: Database.Database): (number: number) => void {
  const share = database.prepare(
    `INSERT INTO "Share" ("infoHash", "name", "length", "fileCount", "registeredAt", "paths", "document")
     VALUES (?, ?, 1000, ?, '2026-01-01T00:00:00Z', ?, ?)`,
  );
  const text = database.prepare('INSERT INTO "ShareText" (rowid, "text") VALUES (?, ?)');
  const grams = database.prepare('INSERT INTO "ShareGram" (rowid, "grams") VALUES (?, ?)');
  return (number) => {
    const { infoHash, name, paths, document } = smallShare(number);
    const files = Math.max(1, paths.length);
    const { lastInsertRowid } = share.run(infoHash, name, files, paths.join('\n'), document);
    const searchable = [name, ...paths].join('\n');
    text.run(lastInsertRowid, searchable);
    grams.run(lastInsertRowid, gramsOf(searchable));
  };
}

/** The characters and pairs of a text as the tracker's index has them (ADR 7). Small shares are folded as they are. */
function gramsOf(text: string): string {
  const tokens = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    tokens.add(`s${text.charCodeAt(at).toString(16)}`);
    if (at > 0) tokens.add(`p${text.charCodeAt(at - 1).toString(16)}x${text.charCodeAt(at).toString(16)}`);
  }
  return [...tokens].join(' ');
}
