import type { Defence } from './defence.ts';

const QUEUE_TEST = 'apps/tracker/test/store/write-queue.test.ts';
const LOG_TEST = 'apps/tracker/test/store/registration-log.test.ts';

/** What the tracker's database defends. */
export const ROWS_OF_DATABASE: readonly Defence[] = [
  {
    defence: 'a write that found the database locked is tried again',
    file: 'apps/tracker/src/store/write-queue.ts',
    original: 'if (!this.#isPassing(error) || performance.now() > giveUpAt) throw error;',
    switchedOff: 'if (performance.now() > 0) throw error;',
    test: QUEUE_TEST,
    title: 'tries again what may pass, and nothing else',
  },
  {
    defence: 'what could not be written down stays pending',
    file: 'apps/tracker/src/store/registration-log.ts',
    original: 'this.#pending = words;\n        throw error;',
    switchedOff: 'throw error;',
    test: LOG_TEST,
    title: 'keeps what could not be written, but not over a later word',
  },
];
