import type { Defence } from './defence.ts';

const METAINFO = 'libs/protocol/src/metainfo.ts';
const METAINFO_TEST = 'libs/protocol/test/metainfo.test.ts';
const METAINFO_VECTORS = 'libs/protocol/test/vectors/metainfo/index.json';
const GUARD = 'apps/peer-agent/src/agent/control-guard.ts';
const CONTROL = 'apps/peer-agent/src/agent/control-server.ts';
const CONTROL_TEST = 'apps/peer-agent/test/agent/control-server.test.ts';
const REFUSALS_TEST = 'apps/tracker/test/http/refusals.test.ts';

/** What is refused wherever something comes in: documents, calls, files, words. */
export const ROWS_OF_BOUNDARIES: readonly Defence[] = [
  {
    defence: 'a metainfo with a path that is not safe is refused',
    file: METAINFO,
    original: "if (reason !== undefined) throw new ShoalError('unsafe-path'",
    switchedOff: "if (reason === '') throw new ShoalError('unsafe-path'",
    test: METAINFO_TEST,
    title: 'bad/path-climbs.torrent',
    titleIn: METAINFO_VECTORS,
  },
  {
    defence: 'the control API answers only under a name of this machine',
    file: GUARD,
    original: 'if (headers.host === undefined || !own.includes(headers.host)) {',
    switchedOff: 'if (headers.host === undefined) {',
    test: CONTROL_TEST,
    title: 'refuses the host',
  },
  {
    defence: 'the control API answers no page of a stranger',
    file: GUARD,
    original: 'if (origin !== undefined && !own.some(',
    switchedOff: "if (origin === '' && !own.some(",
    test: CONTROL_TEST,
    title: 'refuses a page from',
  },
  {
    defence: 'the control API wants its token',
    file: GUARD,
    original: '|| !areEqual(given, token)',
    switchedOff: '',
    test: CONTROL_TEST,
    title: 'does not shut down for a stranger',
  },
  {
    defence: 'the control API takes no form',
    file: CONTROL,
    original: "if (type.trim().toLowerCase() !== 'application/json') {",
    switchedOff: "if (type === 'nothing') {",
    test: CONTROL_TEST,
    title: 'which a page could send',
  },
  {
    defence: 'a body of the control API is bounded',
    file: CONTROL,
    original: 'else reject(new ShoalError(',
    switchedOff: 'else void (new ShoalError(',
    test: CONTROL_TEST,
    title: 'refuses a body that is larger than any metainfo',
    limits: ['largeMessageBytes'],
  },
  {
    defence: 'the control API takes only places that are named from the root on',
    file: 'apps/peer-agent/src/agent/control-calls.ts',
    original: 'if (!isAbsolute(path)) throw',
    switchedOff: "if (!isAbsolute(path) && path === '?') throw",
    test: CONTROL_TEST,
    title: 'that is not named from the root on',
  },
  {
    defence: 'a body at the tracker says that it is JSON',
    file: 'apps/tracker/src/http/plain-calls.ts',
    original: 'if (!JSON_TYPE.test(type)) {',
    switchedOff: "if (!JSON_TYPE.test(type) && type === '') {",
    test: REFUSALS_TEST,
    title: 'an announce of another content type',
  },
  {
    defence: 'a body at the tracker is not compressed',
    file: 'apps/tracker/src/http/plain-calls.ts',
    original: "if (encoding.toLowerCase() !== 'identity') {",
    switchedOff: "if (encoding === '') {",
    test: REFUSALS_TEST,
    title: 'an announce that is compressed',
  },
  {
    defence: 'X-Forwarded-For of a stranger is not believed',
    file: 'apps/tracker/src/http/source-address.ts',
    original: 'if (trustedProxies === 0) return',
    switchedOff: 'if (trustedProxies < 0) return',
    test: 'apps/tracker/test/http/calls.test.ts',
    title: 'believes X-Forwarded-For only behind a trusted proxy',
  },
  {
    defence: 'a session of the tracker is not compressed',
    file: 'apps/tracker/src/ws/gateway.ts',
    original: 'perMessageDeflate: false,',
    switchedOff: 'perMessageDeflate: true,',
    test: 'apps/tracker/test/ws/session.test.ts',
    title: 'no compression is agreed on',
  },
  {
    defence: 'a link is not compressed',
    file: 'libs/engine/src/node/ws-transport.ts',
    original: 'perMessageDeflate: false,',
    switchedOff: 'perMessageDeflate: true,',
    test: 'libs/engine/test/node/ws-transport.test.ts',
    title: 'agrees on no compression',
  },
  {
    defence: 'what strangers wrote moves nothing on a terminal',
    file: 'apps/peer-agent/src/drawing/safe-text.ts',
    original: 'return toVisible(stripVTControlCharacters(text));',
    switchedOff: 'return text;',
    test: 'apps/peer-agent/test/drawing/safe-text.test.ts',
    title: 'leaves nothing that moves the cursor, in eight bits or seven',
  },
  {
    defence: 'no control character and no turn of direction is visible text',
    file: 'libs/protocol/src/text.ts',
    original: 'return text.replace(UNSAFE, replace);',
    switchedOff: 'return text.replace(/never/g, replace);',
    test: 'libs/protocol/test/text.test.ts',
    title: 'leaves nothing that a terminal obeys',
  },
  {
    defence: 'the tracker repeats no words that a terminal would obey',
    file: 'apps/tracker/src/main.ts',
    original: 'toVisible(error.message)',
    switchedOff: 'error.message',
    test: 'apps/tracker/test/main.test.ts',
    title: 'with words that a terminal would obey, and repeats none of those',
  },
  {
    defence: 'a .torrent is a regular file',
    file: 'apps/peer-agent/src/commands/torrent-file.ts',
    original: 'if (!look.isFile()) throw',
    switchedOff: 'if (look.isSocket()) throw',
    test: 'apps/peer-agent/test/commands/torrent-file.test.ts',
    title: 'reads no pipe into which nobody may ever write',
  },
];
