import type { FileSpan } from '@shoal/protocol';

/** A run of bytes of one file, in as many parts as they came in. */
export interface FileBytes {
  readonly span: FileSpan;
  readonly parts: readonly Uint8Array[];
}

/** The bytes of a piece, cut where its files begin and end. */
export function* cutParts(spans: readonly FileSpan[], parts: readonly Uint8Array[]): Generator<FileBytes> {
  const source = parts.values();
  let part: Uint8Array = new Uint8Array(0);
  for (const span of spans) {
    const own: Uint8Array[] = [];
    for (let lacking = span.length; lacking > 0; lacking -= own.at(-1)?.length ?? 0) {
      while (part.length === 0) part = takeNext(source);
      own.push(part.subarray(0, lacking));
      part = part.subarray(lacking);
    }
    yield { span, parts: own };
  }
}

function takeNext(parts: Iterator<Uint8Array>): Uint8Array {
  const next = parts.next();
  if (next.done === true) throw new Error('invariant: a piece has the bytes that its files need');
  return next.value;
}
