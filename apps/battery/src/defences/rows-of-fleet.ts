import type { Defence } from './defence.ts';

const FLEET = 'apps/tracker/src/core/fleet/fleet.ts';
const FLEET_TEST = 'apps/tracker/test/core/fleet/fleet.test.ts';
const PAGE_TEST = 'apps/tracker/test/ws/fleet-page.test.ts';
const PAGE_LIFE_TEST = 'apps/tracker/test/ws/fleet-page-life.test.ts';
const SHARE_VIEW_TEST = 'apps/tracker/test/core/fleet/share-view.test.ts';
const SWARM_REPORT = 'libs/protocol/src/swarm-report.ts';
const TRACKER_MESSAGES = 'libs/protocol/src/tracker-messages.ts';
const MESSAGES_TEST = 'libs/protocol/test/fleet-messages.test.ts';

/** What keeps those who look at the fleet, and those who report, within bounds. */
export const ROWS_OF_FLEET: readonly Defence[] = [
  {
    defence: 'no page of another site looks at the fleet',
    file: 'apps/tracker/src/ws/page-gateway.ts',
    original: 'if (!isOwnPage(headers.origin, headers.host)) {',
    switchedOff: 'if (isOwnPage(headers.origin, headers.host) && headers.origin === headers.host) {',
    test: PAGE_TEST,
    title: 'is refused',
  },
  {
    defence: 'at most 100 pages look at once',
    file: 'apps/tracker/src/ws/page-gateway.ts',
    original: 'if (this.#pages.size >= this.#parts.maxPages) {',
    switchedOff: 'if (this.#pages.size < 0) {',
    test: PAGE_TEST,
    title: 'only so many pages look at once, and the next is told to come later',
    limits: ['fleetPages'],
  },
  {
    defence: 'a message of a page is no larger than the largest',
    file: 'apps/tracker/src/ws/page-gateway.ts',
    original: 'maxPayload: LIMITS.controlMessageBytes,',
    switchedOff: 'maxPayload: 100 * LIMITS.controlMessageBytes,',
    test: PAGE_TEST,
    title: 'is closed for a message that is larger than the limit',
  },
  {
    defence: 'a page that asks at every letter is not searched for at every letter',
    file: 'apps/tracker/src/ws/fleet-page.ts',
    original: 'if (view === undefined || this.#isAwaiting || ',
    switchedOff: 'if (view === undefined || ',
    test: PAGE_LIFE_TEST,
    title: 'a page that asks at every letter looks once until it is told, and then where it asked last',
  },
  {
    defence: 'only so much waits for one page',
    file: 'apps/tracker/src/ws/fleet-page.ts',
    original: 'return this.#socket.bufferedAmount <= LIMITS.fleetQueueBytes;',
    switchedOff: 'return this.#socket.bufferedAmount <= 100 * LIMITS.fleetQueueBytes;',
    test: PAGE_LIFE_TEST,
    title: 'a page has room until the limit waits for it, and none beyond',
    limits: ['fleetQueueBytes'],
  },
  {
    defence: 'a page that does not read is passed over',
    file: 'apps/tracker/src/core/fleet/picture-view.ts',
    original: 'if (told === this.#drawn || !page.hasRoom()) return;',
    switchedOff: 'if (told === this.#drawn) return;',
    test: FLEET_TEST,
    title: 'passes a page over that does not read, and then tells it how things are',
  },
  {
    defence: 'a message to a page is no larger than it reads',
    file: 'apps/tracker/src/core/fleet/share-view.ts',
    original: 'if (bytes > LOT_BYTES) break;',
    switchedOff: '',
    test: SHARE_VIEW_TEST,
    title: 'no message is larger than a page reads, and all machines arrive',
    limits: ['fleetMessageBytes'],
  },
  {
    defence: 'of a swarm at most a thousand machines are shown',
    file: 'apps/tracker/src/core/fleet/members.ts',
    original: 'if (this.#seen.size >= LIMITS.knownPeersPerSwarm) break;',
    switchedOff: '',
    test: SHARE_VIEW_TEST,
    title: 'a swarm is shown up to a thousand machines',
  },
  {
    defence: 'reports are kept only while somebody looks, and only of swarms that were entered',
    file: FLEET,
    original: 'if (!this.#isLookedAt || this.registry.known(peerId)?.members.has(infoHash) !== true) return;',
    switchedOff: '',
    test: FLEET_TEST,
    title: 'are not kept while nobody looks, nor after the last page has gone',
  },
  {
    defence: 'agents are asked at most twice a second, however often pages come and go',
    file: FLEET,
    original: 'if (nowMs - this.#askedMs >= ASK_MS) this.#ask(nowMs);',
    switchedOff: 'this.#ask(nowMs);',
    test: FLEET_TEST,
    title: 'no more often than twice a second, however often pages come and go',
  },
  {
    defence: 'the tracker remembers 300 seconds of what the fleet received',
    file: 'apps/tracker/src/core/fleet/throughput.ts',
    original: 'new Float64Array(LIMITS.fleetSeconds)',
    switchedOff: 'new Float64Array(10 * LIMITS.fleetSeconds)',
    test: 'apps/tracker/test/core/fleet/throughput.test.ts',
    title: 'what was received is remembered for so many seconds, the present one last',
    limits: ['fleetSeconds'],
  },
  {
    defence: 'a machine has twenty last words',
    file: 'apps/tracker/src/core/fleet/last-words.ts',
    original: 'own.length >= OF_ONE ? own[0] : ',
    switchedOff: '',
    test: 'apps/tracker/test/core/fleet/last-words.test.ts',
    title: 'of one machine are twenty at most, the newest first',
  },
  {
    defence: 'all machines have a thousand last words',
    file: 'apps/tracker/src/core/fleet/last-words.ts',
    original: 'others.length >= OF_ALL ? others[0] : undefined',
    switchedOff: 'undefined',
    test: 'apps/tracker/test/core/fleet/last-words.test.ts',
    title: 'of all machines are a thousand at most',
  },
  {
    defence: 'a machine has a short name',
    file: TRACKER_MESSAGES,
    original: 'name: textSchema.max(LIMITS.machineNameLength).optional(),',
    switchedOff: 'name: textSchema.optional(),',
    test: MESSAGES_TEST,
    title: 'the name of a machine may be so long, and no longer',
    limits: ['machineNameLength'],
  },
  {
    defence: 'a machine tells a problem in few words',
    file: SWARM_REPORT,
    original: 'message: textSchema.max(LIMITS.lastWordsLength),',
    switchedOff: 'message: textSchema,',
    test: MESSAGES_TEST,
    title: 'a problem may be so long, and no longer',
    limits: ['lastWordsLength'],
  },
  {
    defence: 'a tracker names few origins of pages',
    file: 'apps/tracker/src/config.ts',
    original: 'all.length <= LIMITS.pageOrigins',
    switchedOff: 'all.length >= 0',
    test: 'apps/tracker/test/config.test.ts',
    title: 'takes as many origins as it tells agents, and no more',
    limits: ['pageOrigins'],
  },
];
