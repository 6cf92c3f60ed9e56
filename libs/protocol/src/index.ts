export { hostSchema, type PeerAddress } from './address.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { Bitfield } from './bitfield.ts';
export { BLOCK_HEADER_BYTES, decodeBlockFrame, encodeBlockHeader, type BlockFrame } from './block-frame.ts';
export {
  addDownloadSchema,
  addShareSchema,
  agentStatusSchema,
  connectSchema,
  CONTROL_CALLS,
  CONTROL_TOKEN_HEADER,
  metainfoReplySchema,
  peerHitSchema,
  peerReportSchema,
  transferSchema,
  type AddDownload,
  type AddShare,
  type AgentStatus,
  type Connect,
  type ControlMethod,
  type ControlPath,
  type PeerHit,
  type PeerReport,
  type Transfer,
} from './control-messages.ts';
export { ERRORS, isErrorCode, reportError, ShoalError, type ErrorCode, type ErrorReport } from './errors.ts';
export {
  FLEET_MESSAGE_KINDS,
  FLEET_PATH,
  parseFromFleet,
  parseFromPage,
  type FromFleet,
  type FromPage,
  type Holding,
  type LastWords,
  type Machine,
  type ShareRow,
  type SwarmMember,
  type View,
} from './fleet-messages.ts';
export {
  asInfoHash,
  createSha256,
  infoHashSchema,
  peerIdOf,
  peerIdSchema,
  sha256Hex,
  type InfoHash,
  type PeerId,
  type Sha256Hex,
  type Sha256Stream,
} from './ids.ts';
export { parseJson, type JsonBoundary } from './json.ts';
export { LIMITS, pieceDeadlineMs } from './limits.ts';
export {
  createMetainfo,
  encodeMetainfo,
  parseMetainfo,
  type Info,
  type Metainfo,
  type MetainfoDocument,
  type MetainfoFile,
  type NewShare,
} from './metainfo.ts';
export { isLoopback, isPrivate, networkOf } from './network.ts';
export { refusePath, refusePaths, refuseSegment } from './paths.ts';
export {
  encodePeerMessage,
  parsePeerMessage,
  PEER_MESSAGE_KINDS,
  PEER_PATH,
  PEER_PROTOCOL_VERSION,
  PEER_SUBPROTOCOL,
  type FoundShare,
  type PeerMessage,
  type SwarmMessage,
  type SwarmMessageBody,
} from './peer-messages.ts';
export { choosePieceLength, PieceLayout, type Block, type FileSpan } from './piece-layout.ts';
export { problemSchema } from './problem.ts';
export {
  asPageOrigin,
  formatShareLink,
  isShareLink,
  isTrackerUrl,
  normaliseTrackerUrl,
  parseShareLink,
  type ShareLink,
} from './share-link.ts';
export { type SwarmReport, type ToldPieces, type TransferState } from './swarm-report.ts';
export { toText, toVisible } from './text.ts';
export { TRACKER_CALLS, type TrackerPath } from './tracker-calls.ts';
export {
  announceReplySchema,
  announceRequestSchema,
  parseFromAgent,
  parseFromTracker,
  registerReplySchema,
  searchReplySchema,
  SESSION_MESSAGE_KINDS,
  SESSION_PATH,
  swarmReplySchema,
  type AnnounceReply,
  type AnnounceRequest,
  type FromAgent,
  type FromTracker,
  type HandedPeer,
  type RegisterReply,
  type SearchReply,
  type ShareSummary,
  type SwarmPeers,
  type SwarmReply,
  type SwarmState,
} from './tracker-messages.ts';
