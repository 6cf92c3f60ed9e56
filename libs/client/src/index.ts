export type { AgentApi } from './agent-api.ts';
export { ControlClient, type ControlAddress } from './control-client.ts';
