import type { Defence } from './defence.ts';

const TRANSPORT = 'libs/engine/src/node/ws-transport.ts';
const LINK = 'libs/engine/src/node/ws-link.ts';

const TRANSPORT_TEST = 'libs/engine/test/node/ws-transport.test.ts';
const LINK_TEST = 'libs/engine/test/node/ws-link.test.ts';

/** What the sockets of an agent defend. */
export const ROWS_OF_LINKS: readonly Defence[] = [
  {
    defence: 'no web page opens a link where nobody named its origin',
    file: TRANSPORT,
    original: 'origin === undefined || this.#options.acceptsPagesOf?.(origin) === true',
    switchedOff: 'true',
    test: TRANSPORT_TEST,
    title: 'a web page',
  },
  {
    defence: 'only the subprotocol of a link is spoken',
    file: TRANSPORT,
    original: 'if (protocols?.includes(PEER_SUBPROTOCOL) !== true) return { status: 400 };',
    switchedOff: 'void protocols;',
    test: TRANSPORT_TEST,
    title: 'subprotocol',
  },
  {
    defence: 'an agent takes at most 20 links from one address',
    file: TRANSPORT,
    original: 'fromThere.length < LIMITS.linksPerAddress',
    switchedOff: 'fromThere.length < 10 * LIMITS.linksPerAddress',
    test: TRANSPORT_TEST,
    title: 'accepts as many links from one address as the limit says, and no more',
    limits: ['linksPerAddress'],
  },
  {
    defence: 'a dial is given up after 10 s',
    file: TRANSPORT,
    original: '}, deadlineMs);',
    switchedOff: '}, 10_000 * deadlineMs);',
    test: TRANSPORT_TEST,
    title: 'gives up at its deadline, however slowly the other side goes on',
    limits: ['dialMs'],
  },
  {
    defence: 'a caller has 10 s for its headers',
    file: TRANSPORT,
    original: 'headersTimeout: HEADERS_MS,\n    requestTimeout: HEADERS_MS,',
    switchedOff: 'headersTimeout: 0,\n    requestTimeout: 0,',
    test: TRANSPORT_TEST,
    title: 'gives nobody much time for headers',
  },
  {
    defence: 'a dial never goes to what is no host',
    file: TRANSPORT,
    original: 'if (!URL.canParse(url)) throw',
    switchedOff: "if (host === '') throw",
    test: TRANSPORT_TEST,
    title: 'refuses the host "',
  },
  {
    defence: 'a message of a link has at most 64 fragments',
    file: TRANSPORT,
    original: 'maxFragments: LIMITS.messageFragments,',
    switchedOff: 'maxFragments: 16 * LIMITS.messageFragments,',
    test: LINK_TEST,
    title: 'takes as many fragments as the limit says, and closes on one more',
    limits: ['messageFragments'],
  },
  {
    defence: 'a message of a link comes in at most 16,384 reads',
    file: TRANSPORT,
    original: 'maxBufferedChunks: LIMITS.messageChunks,',
    switchedOff: 'maxBufferedChunks: 16 * LIMITS.messageChunks,',
    test: LINK_TEST,
    title: 'closes on a message that comes in more reads than the limit says',
    limits: ['messageChunks'],
  },
  {
    defence: 'a link without a sign of life is closed',
    file: LINK,
    original: 'if (this.#unansweredPings === MISSED_PINGS) {',
    switchedOff: 'if (this.#unansweredPings === -1) {',
    test: LINK_TEST,
    title: 'closes when two signs of life did not come',
    limits: ['pingMs'],
  },
];
