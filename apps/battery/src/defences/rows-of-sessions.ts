import type { Defence } from './defence.ts';

const TRACKER = 'apps/tracker/src/tracker.ts';
const GATEWAY = 'apps/tracker/src/ws/session-gateway.ts';
const SESSION = 'apps/tracker/src/ws/session.ts';
const REGISTRY = 'apps/tracker/src/core/swarm-registry.ts';
const PROBE = 'apps/tracker/src/probe.ts';
const CALLS = 'apps/tracker/src/http/plain-calls.ts';
const REFUSALS_TEST = 'apps/tracker/test/http/refusals.test.ts';
const LIFE_TEST = 'apps/tracker/test/ws/session-life.test.ts';
const SESSION_TEST = 'apps/tracker/test/ws/session.test.ts';
const DESK_TEST = 'apps/tracker/test/core/announce-desk.test.ts';
const PROBE_TEST = 'apps/tracker/test/probe.test.ts';

/** What the tracker defends against its callers, and against what they say of others. */
export const ROWS_OF_SESSIONS: readonly Defence[] = [
  {
    defence: 'the headers of a call come within 10 s',
    file: TRACKER,
    original: 'headersTimeout: LIMITS.headersMs,',
    switchedOff: 'headersTimeout: 0,',
    test: REFUSALS_TEST,
    title: 'headers that do not end',
    limits: ['headersMs'],
  },
  {
    defence: 'a body is JSON and says so',
    file: CALLS,
    original: 'if (!JSON_TYPE.test(type)) {',
    switchedOff: "if (type === '') {",
    test: REFUSALS_TEST,
    title: 'an announce of another content type',
  },
  {
    defence: 'a share is registered under its own hash',
    file: 'apps/tracker/src/core/catalogue.ts',
    original: "parseMetainfo(body, 'the metainfo', infoHash)",
    switchedOff: "parseMetainfo(body, 'the metainfo')",
    test: 'apps/tracker/test/core/catalogue.test.ts',
    title: 'refuses a metainfo under another info hash',
  },
  {
    defence: 'a stranger does not choose its address by X-Forwarded-For',
    file: 'apps/tracker/src/http/source-address.ts',
    original: 'if (trustedProxies === 0) return plainAddress(direct);',
    switchedOff: '',
    test: 'apps/tracker/test/http/calls.test.ts',
    title: 'believes X-Forwarded-For only behind a trusted proxy',
  },
  {
    defence: 'no web page opens a session',
    file: GATEWAY,
    original: 'if (headers.origin !== undefined) throw',
    switchedOff: "if (headers.origin === '') throw",
    test: SESSION_TEST,
    title: 'from a web page',
  },
  {
    defence: 'a message of a session is no larger than the largest',
    file: GATEWAY,
    original: 'maxMessageBytes: LIMITS.sessionMessageBytes,',
    switchedOff: 'maxMessageBytes: 100 * LIMITS.sessionMessageBytes,',
    test: SESSION_TEST,
    title: 'for a message that is larger than the limit',
  },
  {
    defence: 'an agent says hello to the tracker within 10 s',
    file: SESSION,
    original: '}, LIMITS.helloMs);',
    switchedOff: '}, 1_000 * LIMITS.helloMs);',
    test: LIFE_TEST,
    title: 'must say hello in time',
    limits: ['helloMs'],
  },
  {
    defence: 'an agent that does not read loses its session',
    file: SESSION,
    original: 'this.connection.queuedBytes > LIMITS.sessionQueueBytes',
    switchedOff: 'this.connection.queuedBytes > 100 * LIMITS.sessionQueueBytes',
    test: LIFE_TEST,
    title: 'that does not read what it is sent is cut, and gone',
    limits: ['sessionQueueBytes'],
  },
  {
    defence: 'nothing is done in a session before its hello',
    file: SESSION,
    original: 'if (this.#agent === undefined) throw new ShoalError(',
    switchedOff: 'if (this.#agent === undefined) return void new ShoalError(',
    test: SESSION_TEST,
    title: 'before a hello',
  },
  {
    defence: 'a session that was replaced has no say',
    file: 'apps/tracker/src/core/announce-desk.ts',
    original: 'if (peer.mailbox === mailbox) action();',
    switchedOff: 'action();',
    test: DESK_TEST,
    title: 'replaces the first, which has no say any more',
  },
  {
    defence: 'an announce by HTTP changes nothing for an agent that has a session',
    file: 'apps/tracker/src/core/announce-desk.ts',
    original: 'const isGuest = peer.mailbox === undefined;',
    switchedOff: 'const isGuest = true;',
    test: DESK_TEST,
    title: 'changes nothing for an agent that has a session',
  },
  {
    defence: 'who does not repeat its announce is forgotten',
    file: 'apps/tracker/src/core/announce-desk.ts',
    original: 'this.#expire();',
    switchedOff: '',
    test: DESK_TEST,
    title: 'is forgotten when nobody repeats it',
  },
  {
    defence: 'a tracker keeps at most a million entries',
    file: REGISTRY,
    original: 'if (this.#memberCount >= this.#capacity) {',
    switchedOff: 'if (this.#memberCount < 0) {',
    test: DESK_TEST,
    title: 'is refused when the tracker is full, and leaves nothing behind',
    limits: ['trackerEntries'],
  },
  {
    defence: 'a hand-out has at most 50 peers',
    file: 'apps/tracker/src/core/hand-out.ts',
    original: 'const max = LIMITS.handOutPeers;',
    switchedOff: 'const max = 10 * LIMITS.handOutPeers;',
    test: 'apps/tracker/test/core/hand-out.test.ts',
    title: 'has at most fifty peers',
    limits: ['handOutPeers'],
  },
  {
    defence: 'of the inner addresses of an agent others are told at most four',
    file: 'apps/tracker/src/core/ways.ts',
    original: '.slice(0, LIMITS.localHostsHandedOut)',
    switchedOff: '',
    test: 'apps/tracker/test/core/ways.test.ts',
    title: 'are told of a few of all where no network is common',
    limits: ['localHostsHandedOut'],
  },
  {
    defence: 'a loopback address is handed to nobody on another machine',
    file: 'apps/tracker/src/core/ways.ts',
    original: "if (reached?.scope !== 'loopback' || isLocal) return reached?.address;",
    switchedOff: 'if (reached !== undefined || isLocal) return reached?.address;',
    test: 'apps/tracker/test/core/introductions.test.ts',
    title: 'on loopback is handed only to agents on the same machine',
  },
  {
    defence: 'another agent at an address is not the one that was named',
    file: PROBE,
    original: "return message.kind === 'hello' && message.peerId === peerId;",
    switchedOff: "return message.kind === 'hello' && peerId !== '';",
    test: PROBE_TEST,
    title: 'finds none where another agent answers',
  },
  {
    defence: 'a name that leads to this machine is no address for others',
    file: PROBE,
    original: 'if (!isLoopback(host) && isLoopback(plainAddress(remoteAddress))) socket.terminate();',
    switchedOff: 'void plainAddress(remoteAddress);',
    test: PROBE_TEST,
    title: 'does not take a name for an address of others when it leads to this machine',
  },
  {
    defence: 'an address that says nothing is given up after 2 s',
    file: PROBE,
    original: '}, LIMITS.probeMs);',
    switchedOff: '}, 1_000 * LIMITS.probeMs);',
    test: PROBE_TEST,
    title: 'cannot decide where all links are taken, or nothing is said in time',
    limits: ['probeMs'],
  },
  {
    defence: 'at most 256 agents are visited at once',
    file: PROBE,
    original: 'if (this.#running < this.#atOnce) this.#running++;',
    switchedOff: 'if (this.#running >= 0) this.#running++;',
    test: PROBE_TEST,
    title: 'visits no more at once than it may',
    limits: ['probesAtOnce'],
  },
];
