/** The calls between agents and tracker: bodies of the HTTP calls and messages of a session, as docs/protocol.md lists them. */
import * as z from 'zod';
import { addressSchema, hostSchema, ipSchema, listeningPortSchema, portSchema } from './address.ts';
import { infoHashSchema, isHex64, peerIdSchema } from './ids.ts';
import { parseJson } from './json.ts';
import { LIMITS } from './limits.ts';
import { swarmReportSchema } from './swarm-report.ts';
import { codeSchema, textSchema } from './text.ts';

/** WebSocket path of a session. */
export const SESSION_PATH = '/v1/session';

const count = z.number().int().min(0);

/** A peer as the tracker hands it out. */
const handedPeerSchema = z.strictObject({ peerId: peerIdSchema, host: hostSchema, port: portSchema });
export type HandedPeer = Readonly<z.infer<typeof handedPeerSchema>>;

/** Where one agent stands in one swarm: bytes that it still lacks. */
const swarmStateSchema = z.strictObject({ infoHash: infoHashSchema, left: count });
export type SwarmState = Readonly<z.infer<typeof swarmStateSchema>>;

const swarmList = z.array(swarmStateSchema).min(1).max(LIMITS.announceSwarms);
/** Agents confirm a thousand swarms again and again: correct lists are told at a glance, the schema says what is wrong with others. */
const swarms = z.custom<readonly SwarmState[]>().check((context) => {
  if (isSwarmList(context.value)) return;
  for (const issue of swarmList.safeParse(context.value).error?.issues ?? []) {
    const found = { ...issue, input: context.value };
    context.issues.push(found as z.core.$ZodRawIssue);
  }
});
const infoHashes = z.array(infoHashSchema).min(1).max(LIMITS.announceSwarms).readonly();

/** `POST /v1/announce`: one or many swarms in one call. `event: stopped` leaves them. */
export const announceRequestSchema = z.strictObject({
  peerId: peerIdSchema,
  /** Listening port; 0 when the peer accepts no links. */
  port: listeningPortSchema,
  /** Another address to hand out; used only after the tracker reached the agent there. */
  advertised: addressSchema.optional(),
  event: z.enum(['update', 'stopped']).default('update'),
  swarms,
});
export type AnnounceRequest = z.input<typeof announceRequestSchema>;

const swarmPeersSchema = z.strictObject({
  infoHash: infoHashSchema,
  seeders: count,
  leechers: count,
  peers: z.array(handedPeerSchema).readonly(),
});
export type SwarmPeers = Readonly<z.infer<typeof swarmPeersSchema>>;

export const announceReplySchema = z.strictObject({
  /** Seconds until the next announce is due. */
  intervalSeconds: z.number().positive(),
  swarms: z.array(swarmPeersSchema).readonly(),
});
export type AnnounceReply = z.infer<typeof announceReplySchema>;

/** One entry of the catalogue. */
export const shareSummarySchema = z.strictObject({
  infoHash: infoHashSchema,
  name: textSchema,
  length: count,
  fileCount: count,
  /** RFC 3339, UTC. */
  registeredAt: textSchema,
  seeders: count,
  leechers: count,
  /** Up to ten inner paths that contain the query. */
  matches: z.array(textSchema).max(10).readonly(),
});
export type ShareSummary = Readonly<z.infer<typeof shareSummarySchema>>;

export const searchReplySchema = z.strictObject({
  shares: z.array(shareSummarySchema).readonly(),
  /** Pass as `cursor` for the next page; absent on the last. */
  nextCursor: textSchema.optional(),
});
export type SearchReply = z.infer<typeof searchReplySchema>;

/** `GET /v1/swarms/{infoHash}`. */
export const swarmReplySchema = z.strictObject({
  infoHash: infoHashSchema,
  seeders: count,
  leechers: count,
  peers: z.array(handedPeerSchema.extend({ port: listeningPortSchema, left: count })).readonly(),
});
export type SwarmReply = z.infer<typeof swarmReplySchema>;

/** `PUT /v1/shares/{infoHash}`. */
export const registerReplySchema = z.strictObject({ infoHash: infoHashSchema, created: z.boolean() });
export type RegisterReply = z.infer<typeof registerReplySchema>;

const fromAgent = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('hello'),
    version: z.literal(1),
    peerId: peerIdSchema,
    port: listeningPortSchema,
    advertised: addressSchema.optional(),
    /** Addresses of its interfaces, for agents in the same private network. */
    localHosts: z.array(ipSchema).max(LIMITS.localHosts).readonly().optional(),
    agent: textSchema,
    /** What the machine calls itself, for people. */
    name: textSchema.max(LIMITS.machineNameLength).optional(),
  }),
  z.strictObject({ kind: z.literal('announce'), swarms }),
  z.strictObject({ kind: z.literal('progress'), swarms }),
  z.strictObject({ kind: z.literal('leave'), infoHashes }),
  z.strictObject({ kind: z.literal('follow') }),
  z.strictObject({
    kind: z.literal('report'),
    swarms: z.array(swarmReportSchema).max(LIMITS.announceSwarms).readonly(),
  }),
]);
/**
 * What an agent says in a session. `announce` enters swarms and asks for peers; `progress` only tells how far; `report` is
 * for people who look at the fleet.
 */
export type FromAgent = z.infer<typeof fromAgent>;

const fromTracker = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('welcome'),
    version: z.literal(1),
    observedHost: hostSchema,
    /** Origins of web pages that may open links to the agent, as `https://shoal.example`. */
    pageOrigins: z.array(textSchema).max(LIMITS.pageOrigins).readonly().optional(),
  }),
  z.strictObject({ kind: z.literal('reachability'), at: addressSchema.optional() }),
  z.strictObject({ kind: z.literal('listed') }),
  z.strictObject({
    kind: z.literal('peers'),
    /** Swarms of which the same is told. */
    infoHashes,
    added: z.array(handedPeerSchema).readonly(),
    removed: z.array(peerIdSchema).readonly(),
  }),
  z.strictObject({ kind: z.literal('dial'), infoHash: infoHashSchema, peer: handedPeerSchema }),
  z.strictObject({
    kind: z.literal('watch'),
    /** Whether somebody looks at the fleet: then whatever changed in a swarm is reported once a second. */
    isLookedAt: z.boolean(),
    /** The swarms whose pieces and feeders somebody looks at. */
    infoHashes: z.array(infoHashSchema).max(LIMITS.fleetPages).readonly(),
  }),
  z.strictObject({ kind: z.literal('error'), code: codeSchema, message: textSchema }),
]);
/**
 * What the tracker says in a session. `peers` is pushed whenever somebody enters or leaves; `reachability` when it is
 * known where others reach the agent, and when that changes: without `at` they cannot.
 */
export type FromTracker = z.infer<typeof fromTracker>;

/** Every `kind` of message in a session, read off the schemas, so that a test can hold the documentation against them. */
export const SESSION_MESSAGE_KINDS = {
  fromAgent: fromAgent.options.map((schema) => schema.shape.kind.value),
  fromTracker: fromTracker.options.map((schema) => schema.shape.kind.value),
} as const;

/** Whether a value out of JSON is a list that `swarmList` accepts. */
function isSwarmList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.announceSwarms) return false;
  for (const entry of value) if (!isSwarmState(entry)) return false;
  return true;
}

/** Both values are there and correct, and no third key. */
function isSwarmState(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { infoHash, left } = value as Readonly<Record<keyof SwarmState, unknown>>;
  if (typeof left !== 'number' || !Number.isSafeInteger(left) || left < 0) return false;
  if (typeof infoHash !== 'string' || !isHex64(infoHash)) return false;
  return Object.keys(value).length === 2;
}

/** Reads a session message of an agent. Throws ShoalError `too-large`, `bad-json`, `bad-message`. */
export function parseFromAgent(frame: string): FromAgent {
  const maxBytes = LIMITS.sessionMessageBytes;
  return parseJson(frame, { what: 'a session message', schema: fromAgent, maxBytes, code: 'bad-message' });
}

/** Reads a session message of the tracker. Throws ShoalError `too-large`, `bad-json`, `bad-message`. */
export function parseFromTracker(frame: string): FromTracker {
  const maxBytes = LIMITS.sessionMessageBytes;
  return parseJson(frame, { what: 'a message of the tracker', schema: fromTracker, maxBytes, code: 'bad-message' });
}
