/**
 * The control messages of a link between two agents: JSON text frames. Every message about a swarm carries the sender's
 * channel, which the sender bound to an info hash by `join`. docs/protocol.md says when each is sent and what the other
 * side does when a rule is broken.
 */
import * as z from 'zod';
import { addressSchema, listeningPortSchema } from './address.ts';
import { base64Length } from './base64.ts';
import { infoHashSchema, peerIdSchema } from './ids.ts';
import { parseJson } from './json.ts';
import { LIMITS } from './limits.ts';
import { codeSchema, isUnicode, textSchema } from './text.ts';

/** Version in `hello`; a link exists only between equal versions. */
export const PEER_PROTOCOL_VERSION = 1;
/** WebSocket path and subprotocol of a link. */
export const PEER_PATH = '/v1/peer';
export const PEER_SUBPROTOCOL = 'shoal.1';

const u32 = z.number().int().min(0).max(0xffffffff);
const channel = u32;
const pieceIndex = z
  .number()
  .int()
  .min(0)
  .max(LIMITS.pieces - 1);
const pieces = z.array(pieceIndex).max(LIMITS.listEntries).readonly();
const blocks = z
  .array(z.tuple([pieceIndex, u32, u32]).readonly())
  .max(LIMITS.listEntries)
  .readonly();
const bits = z.string().max(base64Length(LIMITS.pieces / 8));
const query = z.string().min(1).max(LIMITS.queryLength).refine(isUnicode, 'is not valid Unicode');

/** Messages about the link itself. */
const linkMessages = [
  z.strictObject({
    kind: z.literal('hello'),
    version: z.number().int(),
    peerId: peerIdSchema,
    port: listeningPortSchema,
    agent: textSchema,
  }),
  z.strictObject({ kind: z.literal('join'), channel, infoHash: infoHashSchema }),
  z.strictObject({ kind: z.literal('leave'), channel }),
  z.strictObject({ kind: z.literal('search'), id: u32, query }),
  z.strictObject({
    kind: z.literal('found'),
    id: u32,
    shares: z
      .array(
        z.strictObject({
          infoHash: infoHashSchema,
          name: textSchema,
          length: z.number().int().min(0),
          files: z.array(textSchema).max(10).readonly(),
        }),
      )
      .max(LIMITS.searchPage)
      .readonly(),
  }),
  z.strictObject({ kind: z.literal('bye'), code: codeSchema, message: textSchema }),
] as const;

/** Messages about one swarm. */
const swarmMessages = [
  z.strictObject({ kind: z.literal('bitfield'), channel, bits }),
  z.strictObject({ kind: z.literal('have'), channel, pieces }),
  z.strictObject({ kind: z.literal('interested'), channel, first: pieces.optional() }),
  z.strictObject({ kind: z.literal('notInterested'), channel }),
  z.strictObject({ kind: z.literal('offer'), channel, pieces }),
  z.strictObject({ kind: z.literal('decline'), channel, pieces, reason: z.enum(['have', 'promised', 'unwanted']) }),
  z.strictObject({ kind: z.literal('request'), channel, blocks }),
  z.strictObject({ kind: z.literal('cancel'), channel, blocks }),
  z.strictObject({ kind: z.literal('reject'), channel, blocks }),
  z.strictObject({ kind: z.literal('expect'), channel, add: pieces, drop: pieces }),
  z.strictObject({
    kind: z.literal('peers'),
    channel,
    peers: z.array(addressSchema).max(LIMITS.handOutPeers).readonly(),
  }),
  z.strictObject({ kind: z.literal('metainfo?'), channel }),
  // The size of the document is for `parseMetainfo` to judge, which gives it the same code wherever a metainfo comes from.
  z.strictObject({ kind: z.literal('metainfo'), channel, document: z.string() }),
] as const;

const peerMessageSchema = z.discriminatedUnion('kind', [...linkMessages, ...swarmMessages]);

/** Any control message of a link. */
export type PeerMessage = z.infer<typeof peerMessageSchema>;
/** A control message about one swarm, with the sender's channel. */
export type SwarmMessage = z.infer<(typeof swarmMessages)[number]>;
/** What a peer answers to a `search`. */
export type FoundShare = Extract<PeerMessage, { kind: 'found' }>['shares'][number];

type WithoutChannel<M> = M extends unknown ? Omit<M, 'channel'> : never;
/** A swarm's message before the link adds the channel. */
export type SwarmMessageBody = WithoutChannel<SwarmMessage>;

/** Every `kind` of message, read off the schemas, so that a test can hold the documentation against them. */
export const PEER_MESSAGE_KINDS: readonly PeerMessage['kind'][] = [...linkMessages, ...swarmMessages].map(
  (schema) => schema.shape.kind.value,
);

/** Looked for before the frame is parsed, so that no other kind makes the parser work on more than a control message. */
const LARGE_KIND = /^\s*\{\s*"kind"\s*:\s*"metainfo"\s*,/;

/**
 * Reads one text frame.
 * @throws ShoalError `too-large`, `bad-json`, `bad-message`
 */
export function parsePeerMessage(frame: string): PeerMessage {
  const maxBytes = LARGE_KIND.test(frame) ? LIMITS.largeMessageBytes : LIMITS.controlMessageBytes;
  return parseJson(frame, { what: 'a peer message', schema: peerMessageSchema, maxBytes, code: 'bad-message' });
}

/** Writes one text frame; `kind` comes first, as the larger limit of `metainfo` requires. */
export function encodePeerMessage(message: PeerMessage): string {
  const { kind, ...rest } = message;
  return JSON.stringify({ kind, ...rest });
}
