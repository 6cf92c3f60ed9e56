/**
 * Every limit of the protocol, named, with its reason. Each is tested at n and at n + 1.
 * Sizes are bytes, durations milliseconds, unless the name says otherwise.
 */
const KiB = 1024;
const MiB = 1024 * KiB;

export const LIMITS = {
  /** One JSON control message, to a peer or the tracker: a person could still read it. */
  controlMessageBytes: 64 * KiB,
  /** A `metainfo` message carries a whole document as one JSON string, in which quotes and line ends are escaped. */
  largeMessageBytes: 15 * MiB,
  /**
   * Messages that wait for one peer, besides a `metainfo`, each with a KiB for its place in the queue: one that asks, and reads no
   * faster, loses its link.
   */
  linkQueueBytes: 1 * MiB,
  /** Fragments of one message: a block travels in two, its header and its bytes. */
  messageFragments: 64,
  /** Reads from the socket that one message may take: the largest one still passes in packets of 1 KiB. */
  messageChunks: 16_384,
  /** Payload of one block: small enough that a link never waits long behind one, large enough to be cheap. */
  blockBytes: 256 * KiB,
  /** One message of a tracker session: an announce of `announceSwarms` swarms fits. */
  sessionMessageBytes: 128 * KiB,
  /** A metainfo document: 131,072 digests in base64 are 5.6 MiB, the rest is for paths. */
  metainfoBytes: 10 * MiB,
  /** Pieces of one share: what bounds a bitfield and the book-keeping per peer. */
  pieces: 131_072,
  /** Smallest and largest piece: quick to pass on, cheap to keep account of. */
  minPieceBytes: 64 * KiB,
  maxPieceBytes: 16 * MiB,
  /** A share aims at no more pieces than this; beyond it the pieces grow, since each costs messages and calls. */
  targetPieces: 1_024,
  /** Files of one share. */
  files: 100_000,
  /** Segments of one path: deeper than any real tree, shallow enough to walk. */
  pathDepth: 100,
  /** One path in UTF-8, separators included: portable below PATH_MAX. */
  pathBytes: 1_024,
  /** One segment of a path in UTF-8: NAME_MAX of every common file system. */
  segmentBytes: 255,
  /** Nesting of any JSON document: recursion over input is never needed. */
  jsonDepth: 16,
  /** Keys of one JSON object: no object of ours has half as many. */
  jsonKeys: 64,
  /** One string in a JSON document, in UTF-16 units; digests, bitfields and whole documents have limits of their own. */
  stringLength: 4 * KiB,
  /** Entries in a list of pieces or blocks in one message. */
  listEntries: 1_024,
  /** Swarms in one announce, or in one `peers` message of the tracker. */
  announceSwarms: 1_000,
  /** Swarms that one link carries: the channel table of a stranger is bounded. */
  channelsPerLink: 4_096,
  /** Requests under way on one link: beyond it the other side breaks the rules. */
  outstandingRequests: 4_096,
  /** A dialled peer has accepted the link within this. */
  dialMs: 10_000,
  /** A peer says hello within this, or the link closes. */
  helloMs: 10_000,
  /** An HTTP call or a session's hello to the tracker is answered within this. */
  trackerReplyMs: 10_000,
  /** An offer is answered within this, or its place in the window is given away. */
  offerMs: 20_000,
  /** An accepted piece is complete within this, or `pieceMsPerMiB` × its size if that is more. */
  pieceMs: 20_000,
  pieceMsPerMiB: 4_000,
  /** A link that carries no swarm is closed after this. */
  idleMs: 120_000,
  /** Heartbeat of every WebSocket; it is closed when the next one after two missed ones is due: within a minute. */
  pingMs: 20_000,
  /** Links of one agent, dials under way at once, links from one address. */
  links: 200,
  dialsAtOnce: 10,
  /** Dials in a minute: whoever names ever new addresses makes no agent knock at thousands of doors. */
  dialsPerMinute: 300,
  linksPerAddress: 20,
  /** Peers in one hand-out of the tracker. */
  handOutPeers: 50,
  /**
   * Peers of one swarm that an agent dials for; as many again dial it. More bring no piece sooner (ADR 0014), and each
   * costs messages for every piece.
   */
  peersPerSwarm: 25,
  /** Peers that an agent remembers per swarm. */
  knownPeersPerSwarm: 1_000,
  /** An HTTP body other than a metainfo. */
  httpBodyBytes: 100 * KiB,
  /** Answers on one page of a search. */
  searchPage: 100,
  /** A search query, in UTF-16 units. */
  queryLength: 256,
  /** The headers of an HTTP call to the tracker, and the time that they may take to arrive. */
  headerBytes: 16 * KiB,
  headersMs: 10_000,
  /** Messages that wait for one agent at the tracker: an agent that reads no faster loses its session. */
  sessionQueueBytes: 4 * MiB,
  /** Pages that look at the fleet at once: each makes every agent report once a second. */
  fleetPages: 100,
  /** One message of the tracker to a page: a hundred machines with their bitfields fit. */
  fleetMessageBytes: 4 * MiB,
  /** Messages that wait for one page, which is told again from the start when it has fallen behind. */
  fleetQueueBytes: 8 * MiB,
  /** Of how many seconds the tracker remembers what the fleet received. */
  fleetSeconds: 300,
  /** Origins of web pages that a tracker names to its agents. */
  pageOrigins: 16,
  /** The name that a machine gives itself. */
  machineNameLength: 64,
  /** What a machine says of a problem, in UTF-16 units: the tracker keeps it for each of its swarms. */
  lastWordsLength: 512,
  /** Agents in swarms, over all swarms of a tracker: some 2 KiB of memory each. */
  trackerEntries: 1_000_000,
  /** Addresses of its own interfaces that an agent tells the tracker, and how many of them another agent is told. */
  localHosts: 8,
  localHostsHandedOut: 4,
  /** The tracker's attempt to reach an agent: beyond it the agent counts as not reachable. */
  probeMs: 2_000,
  /** Such attempts at once. */
  probesAtOnce: 256,
} as const;

/**
 * How long a promised piece may take before it is free again.
 * @param pieceBytes size of the piece
 * @returns milliseconds
 */
export function pieceDeadlineMs(pieceBytes: number): number {
  return Math.max(LIMITS.pieceMs, Math.ceil((pieceBytes / MiB) * LIMITS.pieceMsPerMiB));
}
