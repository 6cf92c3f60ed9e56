/**
 * The `.torrent`: a JSON document with the tracker's address and `info`, which describes the share and proves itself by
 * its hash. `parseMetainfo` is the only way in, whether the bytes come from a file, the tracker, a peer, the control API
 * or saved state.
 */
import * as z from 'zod';
import { base64Length, fromBase64, toBase64 } from './base64.ts';
import { ShoalError } from './errors.ts';
import { sha256Hex, sha256HexSchema, type InfoHash } from './ids.ts';
import { checkJson, parseJson, type JsonBoundary } from './json.ts';
import { LIMITS } from './limits.ts';
import { refusePaths, refuseSegment } from './paths.ts';
import { PieceLayout } from './piece-layout.ts';
import { isTrackerUrl } from './share-link.ts';
import { exceedsBytes, textSchema } from './text.ts';

const DIGEST_BYTES = 32;
const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
/** One verdict for a whole path: a document of millions of wrong segments must not become as many complaints. */
const pathSchema = z.custom<readonly string[]>(isListOfStrings, 'must be a list of names');

const fileSchema = z.strictObject({
  path: pathSchema,
  length: size,
  sha256: sha256HexSchema,
});

const infoSchema = z.strictObject({
  version: z.literal(1),
  name: textSchema,
  pieceLength: size,
  length: size,
  files: z.array(fileSchema).max(LIMITS.files).readonly(),
  /** As long as the document may be: how many digests there must be, the sizes say. */
  pieces: z.string(),
});

const documentSchema = z.strictObject({
  announce: textSchema,
  createdBy: textSchema.optional(),
  createdAt: textSchema.pipe(z.iso.datetime()).optional(),
  comment: textSchema.optional(),
  info: infoSchema,
});

/** One file of a share: path below the share's name, bytes, and the digest that `sha256sum` prints. */
export type MetainfoFile = z.infer<typeof fileSchema>;
/** What the info hash covers. */
export type Info = z.infer<typeof infoSchema>;
/** The JSON document of a `.torrent`. */
export type MetainfoDocument = z.infer<typeof documentSchema>;

/** A parsed, checked metainfo. */
export interface Metainfo {
  readonly infoHash: InfoHash;
  readonly document: MetainfoDocument;
  readonly info: Info;
  readonly layout: PieceLayout;
  /** Whether the share is one file that stands under its own name, rather than a folder. */
  readonly isSingleFile: boolean;
  /** The expected SHA-256 of a piece: 32 bytes, a view. */
  digestOf(piece: number): Uint8Array;
}

/** What whoever hashed the files knows of a share. */
export interface NewShare {
  readonly announce: string;
  readonly name: string;
  readonly pieceLength: number;
  readonly files: readonly { readonly path: readonly string[]; readonly length: number; readonly sha256: string }[];
  /** The digests of all pieces, 32 bytes each, in order. */
  readonly digests: Uint8Array;
  readonly createdBy?: string;
  /** RFC 3339, UTC. */
  readonly createdAt?: string;
  readonly comment?: string;
}

/**
 * Reads a metainfo and checks every rule of docs/protocol.md.
 * @param expected the info hash that was asked for, when one was
 * @throws ShoalError `too-large`, `bad-json`, `bad-metainfo`, `unsafe-path`, `wrong-info-hash`
 */
export function parseMetainfo(input: Uint8Array | string, what = 'the metainfo', expected?: InfoHash): Metainfo {
  return checkMetainfo(parseJson(input, boundaryOf(what)), what, expected);
}

/**
 * Builds the metainfo of a new share, and checks it as any other will: what one agent makes, all accept.
 * @throws ShoalError `empty-share`, `bad-metainfo`, `unsafe-path`, `too-large`
 */
export function createMetainfo({ announce, name, pieceLength, files, digests, ...rest }: NewShare): Metainfo {
  const length = files.reduce((sum, file) => sum + file.length, 0);
  const info = { version: 1, name, pieceLength, length, files, pieces: toBase64(digests) };
  const what = `the metainfo of ${name}`;
  return checkMetainfo(checkJson({ announce, ...rest, info }, boundaryOf(what)), what);
}

/** The text to write to a `.torrent`: readable, or on one line when only so it keeps to the limit. */
export function encodeMetainfo({ document }: Metainfo): string {
  const readable = `${JSON.stringify(document, null, 2)}\n`;
  return exceedsBytes(readable, LIMITS.metainfoBytes) ? JSON.stringify(document) : readable;
}

function boundaryOf(what: string): JsonBoundary<MetainfoDocument> {
  return { what, schema: documentSchema, maxBytes: LIMITS.metainfoBytes, code: 'bad-metainfo' };
}

function checkMetainfo(document: MetainfoDocument, what: string, expected?: InfoHash): Metainfo {
  const { info } = document;
  const refuse = (reason: string): ShoalError => new ShoalError('bad-metainfo', `reading ${what}: ${reason}`);
  if (!isTrackerUrl(document.announce)) throw refuse('announce is not an http or https address');
  checkPaths(info, what);
  checkSizes(info, what, refuse);
  const layout = new PieceLayout(
    info.pieceLength,
    info.files.map((file) => file.length),
  );
  if (layout.pieceCount > LIMITS.pieces) throw refuse(`more than ${String(LIMITS.pieces)} pieces`);
  const digests = decodeDigests(info.pieces, layout.pieceCount, refuse);
  const infoHash = infoHashOf(info);
  if (expected !== undefined && expected !== infoHash) {
    throw new ShoalError('wrong-info-hash', `reading ${what}: asked for ${expected}, got ${infoHash}`);
  }
  return {
    infoHash,
    document,
    info,
    layout,
    isSingleFile: info.files.length === 1 && info.files[0]?.path.length === 1 && info.files[0].path[0] === info.name,
    digestOf: (piece) => digests.subarray(piece * DIGEST_BYTES, (piece + 1) * DIGEST_BYTES),
  };
}

function checkSizes(info: Info, what: string, refuse: (reason: string) => ShoalError): void {
  const sum = info.files.reduce((total, file) => total + file.length, 0);
  if (sum !== info.length) throw refuse(`the files add up to ${String(sum)} bytes, not ${String(info.length)}`);
  if (info.length === 0) throw new ShoalError('empty-share', `reading ${what}: the share has no bytes`);
  if (!isPieceLength(info.pieceLength)) throw refuse(`${String(info.pieceLength)} is not a piece length`);
}

function checkPaths(info: Info, what: string): void {
  const reason = refuseSegment(info.name) ?? refusePaths(info.files.map((file) => file.path));
  if (reason !== undefined) throw new ShoalError('unsafe-path', `reading ${what}: ${reason}`);
}

function decodeDigests(text: string, pieceCount: number, refuse: (reason: string) => ShoalError): Uint8Array {
  if (text.length !== base64Length(pieceCount * DIGEST_BYTES)) {
    throw refuse(`pieces does not hold ${String(pieceCount)} digests`);
  }
  try {
    return fromBase64(text);
  } catch {
    throw refuse('pieces is not base64');
  }
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isPieceLength(length: number): boolean {
  return length >= LIMITS.minPieceBytes && length <= LIMITS.maxPieceBytes && Number.isInteger(Math.log2(length));
}

/**
 * SHA-256 of the RFC 8785 canonical form. Of what the schema lets through that is the JSON that JavaScript writes, with the
 * keys in order: halves of characters, which it would write otherwise, are refused before.
 */
function infoHashOf({ files, length, name, pieceLength, pieces, version }: Info): InfoHash {
  const inOrder = files.map((file) => ({ length: file.length, path: file.path, sha256: file.sha256 }));
  return sha256Hex(
    JSON.stringify({ files: inOrder, length, name, pieceLength, pieces, version }),
  ) as string as InfoHash;
}
