import type { Defence } from './defence.ts';

const LINK = 'libs/engine/src/shell/peer-link.ts';
const TABLE = 'libs/engine/src/shell/link-table.ts';
const CHANNELS = 'libs/engine/src/shell/channels.ts';
const FETCH = 'libs/engine/src/shell/metainfo-fetch.ts';
const RUNNER = 'libs/engine/src/shell/swarm-runner.ts';
const SENDER = 'libs/engine/src/shell/block-sender.ts';

const LINK_TEST = 'libs/engine/test/shell/peer-link.test.ts';
const RULES_TEST = 'libs/engine/test/shell/link-table-rules.test.ts';
const CHANNELS_TEST = 'libs/engine/test/shell/channels.test.ts';
const FETCH_TEST = 'libs/engine/test/shell/metainfo-fetch.test.ts';
const RUNNER_TEST = 'libs/engine/test/shell/swarm-runner.test.ts';
const SENDER_TEST = 'libs/engine/test/shell/block-sender.test.ts';

/** What the shell of the engine defends: links, dials, and the protocol of a link. */
export const ROWS_OF_ENGINE_SHELL: readonly Defence[] = [
  {
    defence: 'a piece is hashed before it is written',
    file: RUNNER,
    original: 'const isGood = isEqual(digested.digest, this.metainfo.digestOf(piece));',
    switchedOff: 'const isGood = digested.digest.length === this.metainfo.digestOf(piece).length;',
    test: RUNNER_TEST,
    title: 'writes nothing that fails its hash, and says who sent it',
  },
  {
    defence: 'a share that cannot be finished is not called finished',
    file: RUNNER,
    original: 'await this.#store.finish();',
    switchedOff: 'await this.#store.finish().catch(() => undefined);',
    test: RUNNER_TEST,
    title: 'ends with what its store says when the files cannot be finished',
  },
  {
    defence: 'a peer says hello within 10 s',
    file: LINK,
    original: 'options.clock.setTimer(LIMITS.helloMs, () => {',
    switchedOff: 'options.clock.setTimer(1_000 * LIMITS.helloMs, () => {',
    test: LINK_TEST,
    title: 'is waited for as long as the limit says, and no longer',
    limits: ['helloMs'],
  },
  {
    defence: 'hello comes first',
    file: LINK,
    original: 'else if (this.#remote === undefined) throw violation(`"${message.kind}" before hello`);',
    switchedOff: '',
    test: LINK_TEST,
    title: 'comes before "',
  },
  {
    defence: 'hello comes once',
    file: LINK,
    original: "if (this.#remote !== undefined) throw violation('a second hello');",
    switchedOff: '',
    test: LINK_TEST,
    title: 'is said once',
  },
  {
    defence: 'a link exists only between equal versions',
    file: LINK,
    original: 'if (version !== PEER_PROTOCOL_VERSION) {',
    switchedOff: 'if (version < 0) {',
    test: LINK_TEST,
    title: 'is of our version',
  },
  {
    defence: 'a frame that breaks the rules ends its link',
    file: LINK,
    original: 'const { code, message } = reportError(error);\n      this.close(code, message);',
    switchedOff: '',
    test: LINK_TEST,
    title: 'end the link',
  },
  {
    defence: 'a link carries at most 4,096 swarms',
    file: CHANNELS,
    original: "if (this.#theirs.size >= LIMITS.channelsPerLink) throw violation('too many channels');",
    switchedOff: '',
    test: CHANNELS_TEST,
    title: 'takes as many channels as the limit allows, and no more',
    limits: ['channelsPerLink'],
  },
  {
    defence: 'a channel stands for one swarm',
    file: CHANNELS,
    original: 'if (this.#theirs.has(channel)) throw violation(`channel ${channel} a second time`);',
    switchedOff: '',
    test: CHANNELS_TEST,
    title: 'refuses a channel or a swarm that is bound already, and a channel that stands for nothing',
  },
  {
    defence: 'what was said before a swarm was entered again is not heard',
    file: CHANNELS,
    original: "return hasBitfield === (what === 'bitfield');",
    switchedOff: 'return false;',
    test: CHANNELS_TEST,
    title: 'hears nothing of before until the bitfield comes anew',
  },
  {
    defence: 'an agent has at most 200 links',
    file: TABLE,
    original: 'this.#all.size > LIMITS.links',
    switchedOff: 'this.#all.size > 10 * LIMITS.links',
    test: RULES_TEST,
    title: 'beyond as many as the limit says',
    limits: ['links'],
  },
  {
    defence: 'nobody is linked with itself',
    file: TABLE,
    original: "if (peerId === this.#context.peerId) return new ShoalError('self-link', 'this is our own address');",
    switchedOff: '',
    test: RULES_TEST,
    title: 'who is ourselves',
  },
  {
    defence: 'a banned peer cannot come back',
    file: TABLE,
    original: "if (this.#slots.isBanned(peerId)) return new ShoalError('protocol-violation', 'this peer is banned');",
    switchedOff: '',
    test: RULES_TEST,
    title: 'who is banned',
  },
  {
    defence: 'a ban closes the link',
    file: TABLE,
    original: 'link?.close(error.code, error.message);',
    switchedOff: 'void link;',
    test: RULES_TEST,
    title: 'who is banned',
  },
  {
    defence: 'a ban does not hit others behind the same NAT',
    file: TABLE,
    original: 'link?.isOutgoing === true ? link.remote?.address : undefined',
    switchedOff: 'link?.remote?.address',
    test: RULES_TEST,
    title: 'where a banned peer came in, another peer behind the same NAT is dialled all the same',
  },
  {
    defence: 'who is not whom we expect at an address gets no word from us',
    file: TABLE,
    original: 'if ((expected ?? peerId) !== peerId)',
    switchedOff: "if (peerId === '')",
    test: RULES_TEST,
    title: 'gets no word from us, and the address rests',
  },
  {
    defence: 'a link that carries nothing is closed after two minutes',
    file: 'libs/engine/src/shell/idle-links.ts',
    original: '> LIMITS.idleMs)',
    switchedOff: '> 1_000 * LIMITS.idleMs)',
    test: RULES_TEST,
    title: 'is closed after two minutes, not before, and only while it carries nothing',
    limits: ['idleMs'],
  },
  {
    defence: 'an agent looks for no more than 25 peers of a swarm',
    file: TABLE,
    original: '&& peerCount < LIMITS.peersPerSwarm',
    switchedOff: '&& peerCount >= 0',
    test: 'libs/engine/test/shell/who-is-dialled.test.ts',
    title: 'is dialled or not when we have',
    limits: ['peersPerSwarm'],
  },
  {
    defence: 'a metainfo from a peer is the one that was asked for',
    file: FETCH,
    original: "parseMetainfo(message.document, 'the metainfo from a peer', infoHash)",
    switchedOff: "parseMetainfo(message.document, 'the metainfo from a peer')",
    test: FETCH_TEST,
    title: 'of another share is refused, and the right one still taken',
  },
  {
    defence: 'a metainfo that peers do not hand out is waited for 10 s',
    file: FETCH,
    original: 'links.length === 0 ? 0 : LIMITS.trackerReplyMs',
    switchedOff: 'links.length === 0 ? 0 : 1_000 * LIMITS.trackerReplyMs',
    test: FETCH_TEST,
    title: 'when nobody has answered in time',
  },
  {
    defence: 'peers that do not answer a search are not waited for',
    file: 'libs/engine/src/shell/peer-search.ts',
    original: 'this.#clock.setTimer(ANSWER_MS, finish)',
    switchedOff: 'this.#clock.setTimer(1_000 * ANSWER_MS, finish)',
    test: 'libs/engine/test/shell/peer-search.test.ts',
    title: 'answers without those that are silent for two seconds',
  },
  {
    defence: 'a peer gives one answer to a search',
    file: 'libs/engine/src/shell/peer-search.ts',
    original: 'if (question?.unanswered.delete(link) !== true || link.remote === undefined) return;',
    switchedOff:
      'if (question === undefined || link.remote === undefined) return;\n    question.unanswered.delete(link);',
    test: 'libs/engine/test/shell/peer-search.test.ts',
    title: 'takes one answer of each, to the question that it asked',
  },
  {
    defence: 'who does not read is sent no more than it takes',
    file: SENDER,
    original: 'outgoing.link.queuedBytes > QUEUE_BYTES && isWanted()',
    switchedOff: 'outgoing.link.queuedBytes > 1_000 * QUEUE_BYTES && isWanted()',
    test: SENDER_TEST,
    title: 'wait while the link has more than a mebibyte to send',
  },
  {
    defence: 'blocks that are read ahead are few',
    file: SENDER,
    original: 'queue.waiting.slice(0, READ_AHEAD)',
    switchedOff: 'queue.waiting.slice(0, 100 * READ_AHEAD)',
    test: SENDER_TEST,
    title: 'are read four at a time, so that memory is bounded',
  },
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
