/** SHA-256 of pieces and of files, in the page: by the browser where it lets us, else by our own arithmetic. */
import { createSha256, type Sha256Stream } from '@shoal/protocol';

/** What is hashed before the page may do something else. */
const BREATH_BYTES = 1024 * 1024;

/** The digest of a piece, 32 bytes. */
export type HashPiece = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/** @param subtle `crypto.subtle`, which browsers have for secure contexts only: https, and this machine */
export function pieceHasher(subtle: Pick<SubtleCrypto, 'digest'> | undefined): HashPiece {
  if (subtle === undefined) return hashHere;
  return async (bytes) => new Uint8Array(await subtle.digest('SHA-256', bytes));
}

/** The digest of all that a blob holds, as `sha256sum` prints it. */
export async function hashBlob(blob: Blob, onRead: (bytes: number) => void): Promise<string> {
  const hash = createSha256();
  for (let begin = 0; begin < blob.size; begin += BREATH_BYTES) {
    const chunk = await blob.slice(begin, begin + BREATH_BYTES).arrayBuffer();
    hash.update(new Uint8Array(chunk));
    onRead(chunk.byteLength);
  }
  return toHex(hash.digest());
}

export function isSameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

async function hashHere(bytes: Uint8Array): Promise<Uint8Array> {
  const hash: Sha256Stream = createSha256();
  for (let begin = 0; begin < bytes.length; begin += BREATH_BYTES) {
    hash.update(bytes.subarray(begin, begin + BREATH_BYTES));
    await breathe();
  }
  return hash.digest();
}

/** Lets the page do something else; unlike a timer not only once a second in a tab that nobody looks at. */
function breathe(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
