import { sha256 } from 'js-sha256';
import * as z from 'zod';

/** SHA-256 of the canonical `info`, 64 lower-case hex digits: the identity of a share. */
export type InfoHash = string & { readonly __brand: 'InfoHash' };
/** SHA-256 of an agent's Ed25519 public key, 64 lower-case hex digits. */
export type PeerId = string & { readonly __brand: 'PeerId' };
/** A SHA-256 digest as `sha256sum` prints it: 64 lower-case hex digits. */
export type Sha256Hex = string & { readonly __brand: 'Sha256Hex' };

const HEX_64 = /^[0-9a-f]{64}$/;

export const infoHashSchema = hex64<InfoHash>();
export const peerIdSchema = hex64<PeerId>();
export const sha256HexSchema = hex64<Sha256Hex>();

/** The brand is for the compiler alone: a transform that does nothing would cost as much as the check. */
function hex64<T extends string>(): z.ZodType<T, string> {
  return z.string().regex(HEX_64, 'must be 64 lower-case hex digits') as z.ZodType<unknown, string> as z.ZodType<
    T,
    string
  >;
}

/** Whether a text is 64 lower-case hex digits, as every identity here. */
export function isHex64(text: string): boolean {
  return HEX_64.test(text);
}

/** The text as an info hash (upper case allowed), or undefined when it is not 64 hex digits. */
export function asInfoHash(text: string): InfoHash | undefined {
  const lower = text.toLowerCase();
  return HEX_64.test(lower) ? (lower as InfoHash) : undefined;
}

/** The SHA-256 of bytes, or of a text in UTF-8, as 64 hex digits: synchronous, for documents rather than payload. */
export function sha256Hex(content: Uint8Array | string): Sha256Hex {
  return sha256(content) as Sha256Hex;
}

/** A SHA-256 that is taken bit by bit. */
export interface Sha256Stream {
  update(bytes: Uint8Array): void;
  /** The digest of all that came; nothing may come after it. */
  digest(): Uint8Array;
}

/** A SHA-256 of content that does not stand in memory as one, where there is nothing faster: a page without a secure context. */
export function createSha256(): Sha256Stream {
  const hasher = sha256.create();
  return {
    update: (bytes) => {
      hasher.update(bytes);
    },
    digest: () => new Uint8Array(hasher.arrayBuffer()),
  };
}

/** The peer id that belongs to a raw 32-byte Ed25519 public key. */
export function peerIdOf(publicKey: Uint8Array): PeerId {
  return sha256Hex(publicKey) as string as PeerId;
}
