/**
 * What the daemon remembers of its shares and downloads: one JSON file each, replaced whole, so that a crash costs
 * nothing and a damaged file costs one share. A damaged file is named and kept; nobody but a person deletes it.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS, reportError, ShoalError, type ErrorReport, type InfoHash } from '@shoal/protocol';
import * as z from 'zod';
import { readStateFile, replaceStateFile } from './state-file.ts';

const text = z.string().max(LIMITS.stringLength);
const originSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person') }),
  /** `folder`: which watched folder it stood in, so that another in its place is not taken for it. */
  z.strictObject({ kind: z.literal('watched'), folder: text }),
  /** `registeredAt`: when the tracker learned of it; of two with one name the later one counts. */
  z.strictObject({ kind: z.literal('mirrored'), registeredAt: text }),
]);
/** Who wanted a share to be held: a person by a command, a watched folder, or a mirror. */
export type Origin = Readonly<z.infer<typeof originSchema>>;

const origin = originSchema.default({ kind: 'person' });
const recordSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('share'),
    /** The metainfo; parsed again, with all its rules, when it is used. */
    document: z.string(),
    path: text,
    trackers: z.array(text).readonly(),
    /** Tells whether the data is still what was hashed. */
    fingerprint: text,
    /** Where the data is being moved; when it is there already, that is its path. */
    movesTo: text.optional(),
    origin,
  }),
  z.strictObject({
    version: z.literal(1),
    kind: z.literal('download'),
    document: z.string(),
    folder: text,
    trackers: z.array(text).readonly(),
    origin,
  }),
]);
/** One remembered share. */
export type ShareRecord = Readonly<z.infer<typeof recordSchema>>;

/** What was found at the start. */
export interface LoadedRecords {
  readonly records: readonly ShareRecord[];
  /** One for each file that could not be read. */
  readonly damaged: readonly ErrorReport[];
}

const ENDING = '.json';

export class ShareRecords {
  readonly #folder: string;

  /** @param folder made when it is not there */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws ShoalError `state-damaged` when the folder itself cannot be read */
  async load(): Promise<LoadedRecords> {
    const records: ShareRecord[] = [];
    const damaged: ErrorReport[] = [];
    for (const name of await this.#names()) {
      try {
        const record = await readStateFile(join(this.#folder, name), 'the remembered share', recordSchema);
        if (record !== undefined) records.push(record);
      } catch (error) {
        damaged.push(reportError(error));
      }
    }
    return { records, damaged };
  }

  /** @throws ShoalError `storage-failed` */
  async save(infoHash: InfoHash, record: ShareRecord): Promise<void> {
    const path = this.#pathOf(infoHash);
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await replaceStateFile(path, JSON.stringify(record));
    } catch (cause) {
      throw new ShoalError('storage-failed', `remembering a share in ${path}`, { cause });
    }
  }

  /** @throws ShoalError `storage-failed` */
  async delete(infoHash: InfoHash): Promise<void> {
    const path = this.#pathOf(infoHash);
    await rm(path, { force: true }).catch((cause: unknown) => {
      throw new ShoalError('storage-failed', `forgetting a share in ${path}`, { cause });
    });
  }

  async #names(): Promise<string[]> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const names = await readdir(this.#folder);
      return names.filter((name) => name.endsWith(ENDING)).sort();
    } catch (cause) {
      throw new ShoalError('state-damaged', `reading the shares in ${this.#folder}`, { cause });
    }
  }

  #pathOf(infoHash: InfoHash): string {
    return join(this.#folder, infoHash + ENDING);
  }
}
