import { ShoalError } from './errors.ts';

const CHUNK = 0x8000;

/** How many characters `toBase64` writes for so many bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Bytes as standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

/**
 * Bytes of standard base64, in its one canonical spelling: padding present, no white space, unused bits zero.
 * @throws ShoalError `bad-message` for any other spelling
 */
export function fromBase64(text: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch (cause) {
    throw new ShoalError('bad-message', 'reading base64: a character or the padding is wrong', { cause });
  }
  if (btoa(binary) !== text) throw new ShoalError('bad-message', 'reading base64: not in canonical form');
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
