import type { Defence } from './defence.ts';

const SWARM = 'libs/engine/src/core/swarm.ts';

/** What the core of the engine defends: who may send what, and what is believed. */
export const ROWS_OF_ENGINE_CORE: readonly Defence[] = [
  {
    defence: 'a peer that sends a block which was not requested is banned',
    file: SWARM,
    original: 'if (!this.#downloads.blockReceived(peer, block, event.bytes, nowMs)) {',
    switchedOff: 'if (!this.#downloads.blockReceived(peer, block, event.bytes, nowMs) && nowMs < 0) {',
    test: 'libs/engine/test/core/downloads.test.ts',
    title: 'that was not requested gets its sender banned',
  },
];
