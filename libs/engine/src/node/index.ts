export { createHasher, type DigestStream, type ThreadHasher } from './hasher.ts';
export { systemClock, systemRandom } from './system-clock.ts';
export { createWsTransport, type WsTransportOptions } from './ws-transport.ts';
