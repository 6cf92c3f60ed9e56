/** What the database costs: announces that all have to be written behind, and a start with a large catalogue. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3';
import type { AnsweringAgents } from './answering-agents.ts';
import { announceBody, SHOAL_TRACKER } from './contenders.ts';
import { announcesOf, costed, fill, type CostedResult, type HttpSetting } from './http.ts';
import { shuffledMemberships } from './population.ts';

const CHANGING = 'changing';
/** Each goes round twice, and says something else the second time. */
const LEFT_EACH_ROUND = [700, 600];

/** Announces of which each says something new, and the same when none does. */
export interface WriteBehindFigures {
  readonly unchanged: CostedResult;
  readonly changing: CostedResult;
}

/** Writes announces into the room of which each differs from the peer's last one. */
export async function prepareChanges({ room }: HttpSetting, agents: AnsweringAgents): Promise<void> {
  const all = shuffledMemberships();
  const bodies = LEFT_EACH_ROUND.flatMap((left) => all.map((one) => announceBody({ ...one, left }, agents)));
  await writeFile(room.path(CHANGING), `${bodies.join('\n')}\n`);
}

/** One run: the same load with nothing to write, and with a row for each announce. */
export async function measureWriteBehind(setting: HttpSetting): Promise<WriteBehindFigures> {
  const { room } = setting;
  const server = await room.shoal();
  await fill(setting, SHOAL_TRACKER, server);
  const load = announcesOf(setting, SHOAL_TRACKER);
  const unchanged = await costed(setting, server, load);
  const changing = await costed(setting, server, { ...load, file: room.path(CHANGING) });
  await server.program.end();
  return { unchanged, changing };
}

/** Makes a database of the tracker's own with so many shares: one is registered, the others are copies under other hashes. */
export async function prepareCatalogue({ room }: HttpSetting, name: string, shares: number): Promise<void> {
  const server = await room.shoal(name);
  await server.program.end();
  const database = new Database(room.path(name));
  const add = database.prepare(
    `INSERT INTO "Share" ("infoHash", "name", "length", "fileCount", "registeredAt", "paths", "document")
     VALUES (?, ?, 1048576, 1, '2026-01-01T00:00:00Z', '', ?)`,
  );
  const document = JSON.stringify({ padding: 'x'.repeat(600) });
  database.transaction(() => {
    for (let share = 0; share < shares; share++) {
      add.run(randomBytes(32).toString('hex'), `share ${share}`, document);
    }
  })();
  database.close();
}

/** Starts the tracker on a database: seconds from the start of the process until it answers. */
export async function measureStart({ room }: HttpSetting, name: string): Promise<number> {
  const begunAt = performance.now();
  const server = await room.shoal(name);
  const answer = await fetch(`http://${server.host}:${server.port}/healthz`);
  if (!answer.ok) throw new Error(`the tracker answers ${answer.status}`);
  const seconds = (performance.now() - begunAt) / 1_000;
  await server.program.end();
  return seconds;
}
