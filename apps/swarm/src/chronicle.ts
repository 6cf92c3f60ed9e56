/** What happened to a program of the test swarm, written so that it outlives the program, one event a line. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerIdSchema } from '@shoal/protocol';
import * as z from 'zod';

const FILE = 'chronicle.jsonl';

const happeningSchema = z.discriminatedUnion('kind', [
  /** `progress`: how far the leechers were then, from 0 to 1. */
  z.strictObject({ kind: z.literal('killed'), progress: z.number() }),
  z.strictObject({ kind: z.literal('back') }),
  /** Bad bytes went to this peer. */
  z.strictObject({ kind: z.literal('deceived'), peerId: peerIdSchema }),
  /** This peer noticed, and said so. */
  z.strictObject({ kind: z.literal('banned-by'), peerId: peerIdSchema }),
]);
/** Something that happened. */
export type Happening = z.infer<typeof happeningSchema>;

/** Begins a chronicle anew; the returned function adds to it. */
export function beginChronicle(folder: string): (happening: Happening) => void {
  const file = join(folder, FILE);
  writeFileSync(file, '');
  return (happening) => {
    appendFileSync(file, `${JSON.stringify(happening)}\n`);
  };
}

/** What happened to those who have a part in a run with faults. */
export interface Chronicles {
  readonly tracker: readonly Happening[];
  readonly seeder: readonly Happening[];
  readonly saboteur: readonly Happening[];
}

/** What the chronicles say so far that lie in folders of these names. */
export function readChronicles(folder: string): Chronicles {
  const of = (who: keyof Chronicles): readonly Happening[] => readChronicle(join(folder, who, FILE));
  return { tracker: of('tracker'), seeder: of('seeder'), saboteur: of('saboteur') };
}

function readChronicle(file: string): Happening[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => happeningSchema.parse(JSON.parse(line)));
}
