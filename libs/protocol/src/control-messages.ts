/**
 * The agent's control API: what a program on the same machine may ask of an agent. Bodies are JSON; docs/protocol.md
 * lists the routes. The prompt inside an agent uses the same types without the HTTP between.
 */
import * as z from 'zod';
import { addressSchema, hostSchema, portSchema } from './address.ts';
import { infoHashSchema, peerIdSchema } from './ids.ts';
import { problemSchema } from './problem.ts';
import { transferStateSchema } from './swarm-report.ts';
import { textSchema } from './text.ts';

/** Header that carries the token of the control file. */
export const CONTROL_TOKEN_HEADER = 'x-shoal-token';

/** The calls: every path, as docs/protocol.md writes it, with its methods. An agent answers these and no others. */
export const CONTROL_CALLS = {
  '/v1/status': ['GET'],
  '/v1/transfers': ['GET'],
  '/v1/transfers/{infoHash}': ['DELETE'],
  '/v1/shares': ['POST'],
  '/v1/downloads': ['POST'],
  '/v1/metainfo/{infoHash}': ['GET'],
  '/v1/peers': ['GET', 'POST'],
  '/v1/search': ['GET'],
  '/v1/shutdown': ['POST'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A path of the table. */
export type ControlPath = keyof typeof CONTROL_CALLS;
/** A method that a path has. */
export type ControlMethod<P extends ControlPath> = (typeof CONTROL_CALLS)[P][number];

const count = z.number().int().min(0);
const rate = z.number().min(0);
/** Its size is for `parseMetainfo` to judge, which gives it the same code wherever a metainfo comes from. */
const document = z.string();

/** One share of an agent, whether it is still being downloaded or complete. */
export const transferSchema = z.strictObject({
  infoHash: infoHashSchema,
  name: textSchema,
  length: count,
  fileCount: count,
  /** The first files, for people; `fileCount` says how many there are. */
  files: z.array(textSchema).max(10).readonly(),
  /** Where the file or folder stands, or will stand when it is complete. */
  path: textSchema,
  tracker: textSchema,
  state: transferStateSchema,
  verifiedBytes: count,
  /** Payload received and sent since the agent started. */
  receivedBytes: count,
  sentBytes: count,
  receivedBytesPerSecond: rate,
  sentBytesPerSecond: rate,
  /** Peers linked in this swarm, and those that sent us payload in the last seconds. */
  connectedPeers: count,
  sendingPeers: count,
  /** At the present rate; absent while nothing moves. */
  secondsLeft: rate.optional(),
  /** Of a download that waits though peers are linked: how many pieces none of them has, and the first ranges of these. */
  nobodyHas: z.strictObject({ count, ranges: z.array(z.tuple([count, count]).readonly()).readonly() }).optional(),
  /** What stands in the way, if anything does. */
  problem: problemSchema.optional(),
});
export type Transfer = Readonly<z.infer<typeof transferSchema>>;

/** `GET /v1/status`. */
export const agentStatusSchema = z.strictObject({
  peerId: peerIdSchema,
  version: textSchema,
  /** Where the agent accepts links. */
  port: portSchema,
  trackers: z
    .array(
      z.strictObject({
        url: textSchema,
        isConnected: z.boolean(),
        problem: problemSchema.optional(),
        /** Where the tracker sees our connections come from. */
        observedHost: hostSchema.optional(),
        /** Whether the tracker reached this agent; unknown before it has tried, and while the session is lost. */
        reachability: z.enum(['unknown', 'reachable', 'unreachable']),
        reachableAt: addressSchema.optional(),
      }),
    )
    .readonly(),
  transfers: z.array(transferSchema).readonly(),
});
export type AgentStatus = Readonly<z.infer<typeof agentStatusSchema>>;

/** `POST /v1/shares`: a metainfo and the complete data that it describes. */
export const addShareSchema = z.strictObject({ document, path: textSchema });
export type AddShare = Readonly<z.infer<typeof addShareSchema>>;

/** `POST /v1/downloads`: a metainfo and the folder to put its file or folder in; `tracker` is asked besides its own. */
export const addDownloadSchema = z.strictObject({ document, folder: textSchema, tracker: textSchema.optional() });
export type AddDownload = Readonly<z.infer<typeof addDownloadSchema>>;

/** `GET /v1/metainfo/{infoHash}`: the metainfo of a share that this agent has, or that a linked peer handed out. */
export const metainfoReplySchema = z.strictObject({ document: z.string() });

/** `POST /v1/peers`: dial this address. */
export const connectSchema = addressSchema;
export type Connect = Readonly<z.infer<typeof connectSchema>>;

/** A peer as `GET /v1/peers` lists it: linked, or only known. */
export const peerReportSchema = z.strictObject({
  host: textSchema,
  port: portSchema.optional(),
  peerId: peerIdSchema.optional(),
  agent: textSchema.optional(),
  isConnected: z.boolean(),
  /** Swarms that both are in. */
  swarms: count,
  receivedBytes: count,
  sentBytes: count,
});
export type PeerReport = Readonly<z.infer<typeof peerReportSchema>>;

/** A share that a connected peer says it has. */
export const peerHitSchema = z.strictObject({
  peer: textSchema,
  infoHash: infoHashSchema,
  name: textSchema,
  length: count,
  files: z.array(textSchema).readonly(),
});
export type PeerHit = Readonly<z.infer<typeof peerHitSchema>>;
