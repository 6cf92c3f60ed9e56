import { LIMITS } from '@shoal/protocol';

/** Room for what stands around a list in a message. */
const FRAME_BYTES = 128 * 1_024;

/**
 * Cuts a list so that each part fits into a message to a page.
 * @param maxBytes of all texts of a part together, commas included
 */
export function lotsOf(texts: Iterable<string>, maxBytes = LIMITS.fleetMessageBytes - FRAME_BYTES): string[][] {
  const lots: string[][] = [];
  let bytes = Infinity;
  for (const text of texts) {
    const textBytes = Buffer.byteLength(text) + 1;
    if (bytes + textBytes > maxBytes) {
      lots.push([]);
      bytes = 0;
    }
    lots.at(-1)?.push(text);
    bytes += textBytes;
  }
  return lots;
}
