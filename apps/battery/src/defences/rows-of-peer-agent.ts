import type { Defence } from './defence.ts';

const GUARD = 'apps/peer-agent/src/agent/control-guard.ts';
const SERVER = 'apps/peer-agent/src/agent/control-server.ts';
const HOLDINGS = 'apps/peer-agent/src/agent/holdings.ts';

const SERVER_TEST = 'apps/peer-agent/test/agent/control-server.test.ts';
const AGENT_TEST = 'apps/peer-agent/test/agent/agent.test.ts';
const SAFE_TEXT_TEST = 'apps/peer-agent/test/drawing/safe-text.test.ts';
const CLIENT_TEST = 'libs/client/test/tracker-client.test.ts';
const SESSION_TEST = 'libs/client/test/tracker-session.test.ts';

/** What the daemon, the command line and their clients defend. */
export const ROWS_OF_PEER_AGENT: readonly Defence[] = [
  {
    defence: 'the control API answers no web page',
    file: GUARD,
    original: 'if (origin !== undefined && !own.some((host) => origin === `http://${host}`)) {',
    switchedOff: "if (origin === '') {",
    test: SERVER_TEST,
    title: 'refuses a page from',
  },
  {
    defence: 'a tracker that lost one share is told of all that it acknowledged',
    file: 'apps/peer-agent/src/agent/registrar.ts',
    original: 'const lost = has === false ? acknowledged : [metainfo];',
    switchedOff: 'const lost = [metainfo];',
    test: 'apps/peer-agent/test/agent/registrar.test.ts',
    title: 'tells a tracker that lost what it acknowledged of all of it again, but for what was forgotten',
  },
  {
    defence: 'the control API answers only who knows the token',
    file: GUARD,
    original: "typeof given !== 'string' || !areEqual(given, token)",
    switchedOff: "typeof given !== 'string' && token === ''",
    test: SERVER_TEST,
    title: 'without the token',
  },
  {
    defence: 'a form that a page posts is not read',
    file: SERVER,
    original: "if (type.trim().toLowerCase() !== 'application/json') {",
    switchedOff: "if (type === '') {",
    test: SERVER_TEST,
    title: 'application/x-www-form-urlencoded',
  },
  {
    defence: 'a body of the control API is no larger than the largest message',
    file: SERVER,
    original: 'if (bytes <= LIMITS.largeMessageBytes) chunks.push(chunk);',
    switchedOff: 'if (bytes <= 4 * LIMITS.largeMessageBytes) chunks.push(chunk);',
    test: SERVER_TEST,
    title: 'answers a body without an end as soon as it is too long',
  },
  {
    defence: 'only its owner reads the control file',
    file: 'apps/peer-agent/src/agent/state-file.ts',
    original: 'const OWNER_ONLY = 0o600;',
    switchedOff: 'const OWNER_ONLY = 0o644;',
    test: 'apps/peer-agent/test/agent/daemon.test.ts',
    title: 'answers through its control file, which only its owner can read',
  },
  {
    defence: 'one agent runs in a home',
    file: 'apps/peer-agent/src/agent/daemon.ts',
    original: 'if ((await findDaemon(home, signal)) !== undefined) throw alreadyRunning(home);',
    switchedOff: 'await findDaemon(home, signal);',
    test: 'apps/peer-agent/test/agent/daemon.test.ts',
    title: 'refuses a second agent on the same state',
  },
  {
    defence: 'a key that cannot be read is not replaced',
    file: 'apps/peer-agent/src/agent/identity.ts',
    original: 'if (pem !== undefined) return identityOf(parseKey(pem, path));',
    switchedOff:
      'if (pem !== undefined) return await Promise.resolve().then(() => identityOf(parseKey(pem, path))).catch(() => newIdentity());',
    test: 'apps/peer-agent/test/agent/identity.test.ts',
    title: 'does not replace a key that it cannot read',
  },
  {
    defence: 'data that changed while the agent was away is hashed again',
    file: HOLDINGS,
    original: 'if (!isSame) await disk.check(metainfo, share.path);',
    switchedOff: '',
    test: AGENT_TEST,
    title: 'a share that has changed is not seeded, and stays in the list with the reason',
  },
  {
    defence: 'a share that was removed while it was opened is forgotten',
    file: HOLDINGS,
    original: 'if (!this.#held.has(metainfo.infoHash)) await this.#parts.records?.delete(metainfo.infoHash);',
    switchedOff: '',
    test: AGENT_TEST,
    title: 'a share can be removed while it is taken up after a restart, and is gone for good',
  },
  {
    defence: 'what strangers wrote moves no cursor',
    file: 'apps/peer-agent/src/drawing/safe-text.ts',
    original: 'return toVisible(stripVTControlCharacters(text));',
    switchedOff: 'return stripVTControlCharacters(text);',
    test: SAFE_TEXT_TEST,
    title: 'leaves nothing that moves the cursor, in eight bits or seven',
  },
  {
    defence: 'JSON for a terminal has no control characters',
    file: 'apps/peer-agent/src/drawing/safe-text.ts',
    original: "character === '\\n' ? character",
    switchedOff: 'character.length === 1 ? character',
    test: SAFE_TEXT_TEST,
    title: 'escapes what JSON lets through, without changing the value',
  },
  {
    defence: 'the pages of a tracker are those of its scheme, host and port',
    file: 'apps/peer-agent/src/agent/page-origins.ts',
    original: 'new URL(tracker).origin === origin || origins.includes(origin)',
    switchedOff: 'tracker !== origin || origins.includes(origin)',
    test: 'apps/peer-agent/test/agent/page-origins.test.ts',
    title: 'accepts the pages of the trackers that it uses, and of no other port, scheme or host',
  },
  {
    defence: 'what a tracker names as a page must be an origin',
    file: 'libs/protocol/src/share-link.ts',
    original: "return pathname === '/' ? origin : undefined;",
    switchedOff: "return pathname === '' ? undefined : origin;",
    test: 'libs/protocol/test/share-link.test.ts',
    title: 'is no page origin: ',
  },
  {
    defence: 'a tracker answers within 10 s',
    file: 'libs/client/src/tracker-client.ts',
    original: 'AbortSignal.timeout(this.#timeoutMs * (call.patience ?? 1))',
    switchedOff: 'AbortSignal.timeout(10_000 * this.#timeoutMs * (call.patience ?? 1))',
    test: CLIENT_TEST,
    title: 'to answer in time is told as such',
    limits: ['trackerReplyMs'],
  },
  {
    defence: 'an answer of a tracker is read no further than it may be long',
    file: 'libs/client/src/bounded-body.ts',
    original: 'if (length > maxBytes) {',
    switchedOff: 'if (length < 0) {',
    test: CLIENT_TEST,
    title: 'stops reading what is too long, however long it goes on',
  },
  {
    defence: 'a metainfo from a tracker is the one that was asked for',
    file: 'libs/client/src/tracker-client.ts',
    original: 'parseMetainfo(bytes, `the metainfo from ${this.url}`, infoHash)',
    switchedOff: 'parseMetainfo(bytes, `the metainfo from ${this.url}`)',
    test: CLIENT_TEST,
    title: 'refuses what is not the share that was asked for',
  },
  {
    defence: 'a tracker without a sign of life is dialled anew',
    file: 'libs/client/src/tracker-connection.ts',
    original: 'if (this.#unanswered++ < MISSED_PONGS) this.#socket.ping();',
    switchedOff: 'if (this.#unanswered++ >= 0) this.#socket.ping();',
    test: SESSION_TEST,
    title: 'because the other side gives no sign of life is opened again',
  },
  {
    defence: 'a tracker that does not speak the protocol is refused',
    file: 'libs/client/src/tracker-connection.ts',
    original: "this.#fail(new ShoalError('tracker-refused', `${this.#doing}: ${reason}`, { cause }));",
    switchedOff: 'void [reason, cause];',
    test: SESSION_TEST,
    title: 'is refused',
  },
  {
    defence: 'agents do not come back to a tracker all at once',
    file: 'libs/client/src/retry-delay.ts',
    original: 'return random * Math.min',
    switchedOff: 'return Math.min',
    test: 'libs/client/test/retry-delay.test.ts',
    title: 'may be anything down to nothing, so that agents do not come back together',
  },
];
