/** Where a running daemon can be reached: port and token, in a file of its home that only its owner can read. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ControlClient } from '@shoal/client';
import { ShoalError } from '@shoal/protocol';
import * as z from 'zod';
import { readStateFile, replaceStateFile } from './state-file.ts';

const controlFileSchema = z.strictObject({
  port: z.number().int().min(1).max(65_535),
  token: z.string().min(32).max(128),
  pid: z.number().int().positive(),
});
export type ControlFile = Readonly<z.infer<typeof controlFileSchema>>;

export async function writeControlFile(home: string, control: ControlFile): Promise<void> {
  await replaceStateFile(pathIn(home), JSON.stringify(control));
}

export async function removeControlFile(home: string): Promise<void> {
  await rm(pathIn(home), { force: true });
}

/**
 * The daemon of a home folder, when one answers there.
 * @throws ShoalError `timed-out` when one is there and does not answer; `state-damaged`
 */
export async function findDaemon(home: string, signal?: AbortSignal): Promise<ControlClient | undefined> {
  const control = await readStateFile(pathIn(home), 'the control file', controlFileSchema);
  if (control === undefined) return undefined;
  const client = new ControlClient(control);
  try {
    await client.status(signal);
    return client;
  } catch (error) {
    // The file of a daemon that was killed: nobody listens there, or a stranger who does not know the token.
    if (error instanceof ShoalError && GONE.has(error.code)) return undefined;
    throw error;
  }
}

const GONE: ReadonlySet<string> = new Set([
  'agent-unreachable',
  'unauthorized',
  'bad-json',
  'bad-message',
  'too-large',
]);

function pathIn(home: string): string {
  return join(home, 'control.json');
}
