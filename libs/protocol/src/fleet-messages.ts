/**
 * The fleet as people look at it: what an agent reports of itself while somebody looks, and what the tracker tells a page
 * (docs/protocol.md, "The fleet"). A page says where it looks; it gets a whole picture, and then what changes in it.
 */
import * as z from 'zod';
import { infoHashSchema, peerIdSchema } from './ids.ts';
import { parseJson } from './json.ts';
import { LIMITS } from './limits.ts';
import { swarmReportSchema } from './swarm-report.ts';
import { codeSchema, textSchema } from './text.ts';
import { shareSummarySchema } from './tracker-messages.ts';

/** WebSocket path of a page. */
export const FLEET_PATH = '/v1/fleet';

const count = z.number().int().min(0);
/** Bytes a second. */
const rate = z.number().min(0);

/** Where a page looks. */
const viewSchema = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('overview'), query: z.string().max(LIMITS.queryLength) }),
  z.strictObject({ at: z.literal('share'), infoHash: infoHashSchema }),
  z.strictObject({ at: z.literal('machine'), peerId: peerIdSchema }),
]);
export type View = Readonly<z.infer<typeof viewSchema>>;

const fromPage = z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('look'), view: viewSchema })]);
/** What a page says: where it looks from now on. */
export type FromPage = z.infer<typeof fromPage>;

/** One share in the overview. */
const shareRowSchema = shareSummarySchema.extend({
  /** Bytes that all machines in the swarm still lack. */
  left: count,
  /** What all of them receive together. */
  receivedBytesPerSecond: rate,
});
export type ShareRow = Readonly<z.infer<typeof shareRowSchema>>;

/** A machine as the tracker knows it. */
const machineSchema = z.strictObject({
  peerId: peerIdSchema,
  /** The name that it gave itself, told apart from others of that name; empty when it gave none. */
  name: textSchema,
  agent: textSchema,
  /** Where others reach it, or where its connection comes from with port 0: then nobody reaches it. */
  host: textSchema,
  port: count,
});
export type Machine = Readonly<z.infer<typeof machineSchema>>;

/** A machine in a swarm. */
const memberSchema = machineSchema.extend(swarmReportSchema.omit({ infoHash: true }).shape);
export type SwarmMember = Readonly<z.infer<typeof memberSchema>>;

/** A share in a machine's list. */
const holdingSchema = swarmReportSchema
  .omit({ pieces: true, feeders: true })
  .extend({ name: textSchema, length: count });
export type Holding = Readonly<z.infer<typeof holdingSchema>>;

/** What a machine said that was worth a note, and when (RFC 3339, UTC). */
const lastWordsSchema = z.strictObject({ at: textSchema, code: codeSchema, message: textSchema });
export type LastWords = Readonly<z.infer<typeof lastWordsSchema>>;

const fromFleet = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('welcome'), version: textSchema }),
  /** Said every `LIMITS.pingMs`: a browser does not tell its page of pings, and a page must know a dead connection. */
  z.strictObject({ kind: z.literal('alive') }),
  /** The whole overview, again whenever something in it has changed, at most once a second. */
  z.strictObject({
    kind: z.literal('overview'),
    query: textSchema,
    shares: z.array(shareRowSchema).max(LIMITS.searchPage).readonly(),
    /** Whether more shares match than are listed. */
    hasMore: z.boolean(),
    totals: z.strictObject({
      shares: count,
      machines: count,
      receivedBytesPerSecond: rate,
      sentBytesPerSecond: rate,
    }),
    /** What the fleet received in each of the last seconds, the present one last; 0 where nobody looked. */
    throughput: z.array(rate).max(LIMITS.fleetSeconds).readonly(),
  }),
  /** The share that a page looks at; its machines follow, and go on to come as they change. */
  z.strictObject({
    kind: z.literal('share'),
    infoHash: infoHashSchema,
    name: textSchema,
    length: count,
    fileCount: count,
    registeredAt: textSchema,
    pieceLength: count,
    pieceCount: count,
  }),
  z.strictObject({
    kind: z.literal('members'),
    infoHash: infoHashSchema,
    /** Machines that are new or have changed. `pieces` is told when there is news of it, `bits` the first time. */
    changed: z.array(memberSchema).readonly(),
    gone: z.array(peerIdSchema).readonly(),
  }),
  z.strictObject({
    kind: z.literal('machine'),
    machine: machineSchema,
    holdings: z.array(holdingSchema).max(LIMITS.announceSwarms).readonly(),
    lastWords: z.array(lastWordsSchema).readonly(),
  }),
  /** There is no such share or machine, or no longer. */
  z.strictObject({ kind: z.literal('missing') }),
  z.strictObject({ kind: z.literal('error'), code: codeSchema, message: textSchema }),
]);
/** What the tracker tells a page. */
export type FromFleet = z.infer<typeof fromFleet>;

/** Every `kind` of message of the fleet, read off the schemas, so that a test can hold the documentation against them. */
export const FLEET_MESSAGE_KINDS = {
  fromPage: fromPage.options.map((schema) => schema.shape.kind.value),
  fromFleet: fromFleet.options.map((schema) => schema.shape.kind.value),
} as const;

/** Reads a message of a page. Throws ShoalError `too-large`, `bad-json`, `bad-message`. */
export function parseFromPage(frame: string): FromPage {
  const maxBytes = LIMITS.controlMessageBytes;
  return parseJson(frame, { what: 'a message of a page', schema: fromPage, maxBytes, code: 'bad-message' });
}

/** Reads a message that the tracker sends to a page. Throws ShoalError `too-large`, `bad-json`, `bad-message`. */
export function parseFromFleet(frame: string): FromFleet {
  const maxBytes = LIMITS.fleetMessageBytes;
  return parseJson(frame, { what: 'a message of the fleet', schema: fromFleet, maxBytes, code: 'bad-message' });
}
