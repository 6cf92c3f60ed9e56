import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { ShoalError } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { readWhole } from '../../src/http/plain-calls.ts';

/** Reads a body that the test writes. */
function reading(maxBytes: number): { body: PassThrough; read: (Uint8Array | ShoalError)[] } {
  const body = new PassThrough();
  const read: (Uint8Array | ShoalError)[] = [];
  readWhole(body as unknown as IncomingMessage, maxBytes, (outcome) => read.push(outcome));
  return { body, read };
}

describe('a body', () => {
  it('is read whole, as long as it may be', async () => {
    const { body, read } = reading(6);
    body.write('abc');
    body.end('def');
    await expect.poll(() => read).toEqual([Buffer.from('abcdef')]);
  });

  it('that is too long is not read to its end', async () => {
    const { body, read } = reading(6);
    body.write('abc');
    body.write('defg');
    await expect.poll(() => read).toMatchObject([{ code: 'too-large' }]);
    body.end('h');
    await expect.poll(() => body.writableFinished).toBe(true);
    expect(read).toHaveLength(1);
  });
});
