/**
 * The tracker's HTTP calls: every path, as docs/protocol.md writes it, with its methods. The tracker answers these and no
 * others; whoever tests what it refuses goes through this table, so that a new call cannot be forgotten.
 */
export const TRACKER_CALLS = {
  '/v1/shares': ['GET', 'HEAD'],
  '/v1/shares/{infoHash}': ['GET', 'HEAD', 'PUT'],
  '/v1/swarms/{infoHash}': ['GET', 'HEAD'],
  '/v1/announce': ['POST'],
  '/': ['GET', 'HEAD'],
  '/healthz': ['GET', 'HEAD'],
  '/metrics': ['GET', 'HEAD'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A path of the table. */
export type TrackerPath = keyof typeof TRACKER_CALLS;
