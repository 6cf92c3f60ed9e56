import { ShoalError } from '@shoal/protocol';

/**
 * Reads a body and stops as soon as it is too long, whatever the other side claimed.
 * @throws ShoalError `too-large`
 */
export async function readBounded(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    if (!(chunk instanceof Uint8Array)) throw new Error('invariant: a body consists of bytes');
    length += chunk.length;
    if (length > maxBytes) {
      throw new ShoalError('too-large', `reading ${response.url}: more than the ${String(maxBytes)} bytes allowed`);
    }
    chunks.push(chunk);
  }
  return join(chunks, length);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}
