export type { AgentApi, DataToSeed, ShareToGet } from './agent-api.ts';
export { ControlClient, type ControlAddress } from './control-client.ts';
export { TrackerClient, type ShareSearch, type TrackerClientOptions } from './tracker-client.ts';
export {
  openTrackerSession,
  type TrackerHandlers,
  type TrackerIdentity,
  type TrackerSession,
  type TrackerSessionOptions,
  type Watch,
} from './tracker-session.ts';
