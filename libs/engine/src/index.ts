export type {
  EngineSnapshot,
  KnownPeerSnapshot,
  LinkSnapshot,
  SwarmPeerSnapshot,
  SwarmSnapshot,
  TrackerSnapshot,
} from './core/snapshot.ts';
export { Engine, type EngineOptions, type SearchAnswer, type ShareToAdd } from './shell/engine.ts';
export type {
  Clock,
  Digested,
  EnginePorts,
  Hasher,
  Link,
  LinkHandlers,
  Log,
  PieceStore,
  Random,
  TrackerHandlers,
  TrackerIdentity,
  TrackerLink,
  Transport,
} from './shell/ports.ts';
