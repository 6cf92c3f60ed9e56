import type { Defence } from './defence.ts';

const CHANNELS = 'libs/engine/src/shell/channels.ts';
const SENDER = 'libs/engine/src/shell/block-sender.ts';

const CHANNELS_TEST = 'libs/engine/test/shell/channels.test.ts';
const SENDER_TEST = 'libs/engine/test/shell/block-sender.test.ts';

/** What the shell of the engine defends: links, dials, and the protocol of a link. */
export const ROWS_OF_ENGINE_SHELL: readonly Defence[] = [
  {
    defence:
      'what was said before we entered a swarm again is not heard, though the other side enters it again as well',
    file: CHANNELS,
    original: 'if (this.#entered.has(infoHash)) this.#entered.set(infoHash, false);',
    switchedOff: 'this.#entered.delete(infoHash);',
    test: CHANNELS_TEST,
    title: 'does not hear a second bitfield when the other side enters it again as well, before it knew',
  },
  {
    defence: 'what was requested before we left a swarm is not sent when we are in it again',
    file: SENDER,
    original: 'drop(queue, (each) => each.infoHash === infoHash);',
    switchedOff: 'drop(queue, () => false);',
    test: SENDER_TEST,
    title: 'what is queued of a swarm that we left is not sent when we are in it again',
  },
];
