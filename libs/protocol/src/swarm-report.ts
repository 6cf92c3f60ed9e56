/** How an agent stands in its swarms, as it tells its tracker for people who look at the fleet. */
import * as z from 'zod';
import { base64Length } from './base64.ts';
import { infoHashSchema, peerIdSchema } from './ids.ts';
import { LIMITS } from './limits.ts';
import { problemSchema } from './problem.ts';
import { textSchema } from './text.ts';

const count = z.number().int().min(0);
/** Bytes a second. */
const rate = z.number().min(0);

/** What a transfer is doing. `waiting`: it lacks pieces and nobody connected has them. */
export const transferStateSchema = z.enum(['checking', 'waiting', 'downloading', 'seeding', 'failed']);
export type TransferState = z.infer<typeof transferStateSchema>;

/** Who sends how much, in bytes a second, to whoever tells it. */
const feedersSchema = z
  .array(z.tuple([peerIdSchema, rate]).readonly())
  .max(LIMITS.links)
  .readonly();

/** Pieces of a machine: all that it has, or what came since it was told last. */
const piecesSchema = z.union([
  z.strictObject({ bits: z.string().max(base64Length(LIMITS.pieces / 8)) }),
  z.strictObject({
    gained: z
      .array(
        z
          .number()
          .int()
          .min(0)
          .max(LIMITS.pieces - 1),
      )
      .max(LIMITS.listEntries)
      .readonly(),
  }),
]);
export type ToldPieces = Readonly<z.infer<typeof piecesSchema>>;

/** A problem in few words. */
const toldProblemSchema = problemSchema.extend({
  message: textSchema.max(LIMITS.lastWordsLength),
  hint: textSchema.max(LIMITS.lastWordsLength),
});

/** How one agent stands in one swarm, as it says itself. */
export const swarmReportSchema = z.strictObject({
  infoHash: infoHashSchema,
  state: transferStateSchema,
  left: count,
  receivedBytesPerSecond: rate,
  sentBytesPerSecond: rate,
  /** At the present rate; absent while nothing moves. */
  secondsLeft: rate.optional(),
  /** How long the download has taken so far, or took; absent for what the machine offered itself. */
  seconds: rate.optional(),
  problem: toldProblemSchema.optional(),
  /** Only of swarms whose pieces somebody looks at. */
  pieces: piecesSchema.optional(),
  feeders: feedersSchema.optional(),
});
export type SwarmReport = Readonly<z.infer<typeof swarmReportSchema>>;
