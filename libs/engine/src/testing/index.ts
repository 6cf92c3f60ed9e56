export { describeClock, type ClockUnderTest } from './clock.contract.ts';
export { FakeClock, settled } from './fake-clock.ts';
export { CoreAgent, type Sent } from './core-agent.ts';
export { CoreWorld, type CoreWorldOptions } from './core-world.ts';
export { describeHasher } from './hasher.contract.ts';
export { describeTransport, type TransportsUnderTest } from './transport.contract.ts';
export { MemoryPieceStore, zeroBlock } from './memory-piece-store.ts';
export {
  boundMs,
  Scenario,
  zeroShare,
  type AgentOptions,
  type ScenarioOptions,
  type SimAgent,
  type SimTransfer,
  type TransferOptions,
} from './scenario.ts';
export { seededChance } from './seeded-chance.ts';
export { SimHost } from './sim-host.ts';
export { type HostOptions } from './sim-line.ts';
export { SimNetwork } from './sim-network.ts';
export { type Standstill } from './sim-process.ts';
export { SimTracker } from './sim-tracker.ts';
export { SimWorld } from './sim-world.ts';
export { describePieceStore } from './piece-store.contract.ts';
export { sampleShare, type SampleOptions, type SampleShare } from './sample-share.ts';
