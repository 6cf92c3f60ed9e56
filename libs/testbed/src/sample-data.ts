import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Bytes that look random and are the same for the same seed: the key stream of AES-256 in counter mode. */
class SampleStream {
  readonly #cipher;

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest();
    this.#cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  next(bytes: number): Buffer {
    return this.#cipher.update(Buffer.alloc(bytes));
  }
}

/** The first bytes of the sample that belongs to a seed. */
export function sampleBytes(seed: string, bytes: number): Buffer {
  return new SampleStream(seed).next(bytes);
}

/** Writes the sample of a seed into a file of any size, creating its folder. */
export async function writeSampleFile(path: string, bytes: number, seed = path): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const stream = new SampleStream(seed);
  const file = await open(path, 'wx');
  try {
    for (let left = bytes; left > 0; left -= CHUNK_BYTES)
      await file.writeFile(stream.next(Math.min(left, CHUNK_BYTES)));
  } finally {
    await file.close();
  }
}

/** A folder of many small files, a hundred to a sub-folder, each with content of its own. */
export async function writeSmallFiles(folder: string, count: number, bytesEach: number): Promise<void> {
  const stream = new SampleStream(`${count} small files`);
  for (let index = 0; index < count; index++) {
    const parent = join(folder, `batch-${String(Math.floor(index / 100)).padStart(3, '0')}`);
    if (index % 100 === 0) await mkdir(parent, { recursive: true });
    await writeFile(join(parent, `file-${String(index).padStart(5, '0')}.bin`), stream.next(bytesEach));
  }
}
