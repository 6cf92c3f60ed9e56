/** Where a running daemon can be reached: port and token, in a file of its home that only its owner can read. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ControlClient } from '@shoal/client';
import { LIMITS, parseJson, ShoalError } from '@shoal/protocol';
import { z } from 'zod';
import { replaceFile } from './replace-file.ts';

const controlFileSchema = z.strictObject({
  port: z.number().int().min(1).max(65_535),
  token: z.string().min(32).max(128),
  pid: z.number().int().positive(),
});
export type ControlFile = Readonly<z.infer<typeof controlFileSchema>>;

export async function writeControlFile(home: string, control: ControlFile): Promise<void> {
  await replaceFile(pathIn(home), JSON.stringify(control));
}

export async function removeControlFile(home: string): Promise<void> {
  await rm(pathIn(home), { force: true });
}

/**
 * The daemon of a home folder, when one answers there.
 * @throws ShoalError `timed-out` when one is there and does not answer; `state-damaged`
 */
export async function findDaemon(home: string, signal?: AbortSignal): Promise<ControlClient | undefined> {
  const control = await readControlFile(home);
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

async function readControlFile(home: string): Promise<ControlFile | undefined> {
  const path = pathIn(home);
  const text = await readFile(path).catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new ShoalError('state-damaged', `reading the control file ${path}`, { cause });
  });
  if (text === undefined) return undefined;
  const what = `the control file ${path}`;
  return parseJson(text, {
    what,
    schema: controlFileSchema,
    maxBytes: LIMITS.controlMessageBytes,
    code: 'state-damaged',
  });
}

function pathIn(home: string): string {
  return join(home, 'control.json');
}
