import { Bitfield, encodePeerMessage, LIMITS, pieceDeadlineMs, type Metainfo, type PeerId } from '@shoal/protocol';
import { fact, type Figure } from '../figure.ts';
import { RawPeer } from './raw-peer.ts';
import { fragments, frame, OPCODE } from '../web-socket-frames.ts';

/** Whom to try it on: an agent that downloads a share. */
export interface RuleTarget {
  readonly port: number;
  readonly metainfo: Metainfo;
}

/** What a stranger does, up to the limit and one step beyond. */
interface Trial {
  readonly what: string;
  /** How the link must end; undefined when it must stand. */
  readonly code: string | undefined;
  readonly act: (peer: RawPeer) => void;
}

const FROM = '127.0.5.1';
const LINK_CLOSED = 'closed without a word';

/** A message of exactly so many bytes, which means nothing: an answer to a question that was not asked. */
const padded = (bytes: number): Buffer => {
  const text = encodePeerMessage({ kind: 'found', id: 1, shares: [] });
  return frame({ opcode: OPCODE.text, payload: text + ' '.repeat(bytes - text.length), mask: 'zeros' });
};
const inFragments = (count: number): Buffer =>
  fragments(' '.repeat(count) + encodePeerMessage({ kind: 'found', id: 1, shares: [] }), count);

/** Offers so many pieces, of which the agent takes what it trusts a stranger with. */
function offer(peer: RawPeer, first: number, count: number): void {
  for (let at = 0; at < count; at += LIMITS.listEntries) {
    const length = Math.min(LIMITS.listEntries, count - at);
    peer.say({ kind: 'offer', channel: 0, pieces: Array.from({ length }, (_, each) => first + at + each) });
  }
}
const offerMany = (open: number) => (peer: RawPeer) => {
  // What is requested is open no more: as many are promised as a stranger is trusted with.
  offer(peer, 0, open + FIRST_CREDIT_PIECES);
};
const FIRST_CREDIT_PIECES = (2 * 1024 * 1024) / LIMITS.minPieceBytes;

const TRIALS: readonly Trial[] = [
  { what: 'a message of 64 KiB', code: undefined, act: (peer) => peer.write(padded(LIMITS.controlMessageBytes)) },
  { what: 'one of a byte more', code: 'too-large', act: (peer) => peer.write(padded(LIMITS.controlMessageBytes + 1)) },
  { what: '64 fragments', code: undefined, act: (peer) => peer.write(inFragments(LIMITS.messageFragments)) },
  { what: '65 fragments', code: LINK_CLOSED, act: (peer) => peer.write(inFragments(LIMITS.messageFragments + 1)) },
  { what: '4,096 open offers', code: undefined, act: offerMany(LIMITS.outstandingRequests) },
  { what: '4,097 open offers', code: 'protocol-violation', act: offerMany(LIMITS.outstandingRequests + 1) },
  {
    what: 'a channel that stands for nothing',
    code: 'protocol-violation',
    act: (peer) => {
      peer.say({ kind: 'have', channel: 7, pieces: [0] });
    },
  },
  {
    what: 'a block that was not requested',
    code: 'protocol-violation',
    act: (peer) => {
      peer.sendBlock(99, 0, Buffer.alloc(LIMITS.minPieceBytes));
    },
  },
];

/** Does one after the other, beside a promise that is not kept, and tells what became of each. */
export async function brokenRules(target: RuleTarget): Promise<Figure[]> {
  const unkept = unkeptPromise(target);
  unkept.catch(() => undefined); // awaited below
  const figures: Figure[] = [];
  for (const trial of TRIALS) figures.push(await tryOut(trial, target));
  return [...figures, await uninvited(target), await comeback(target), await unkept];
}

async function enter({ port, metainfo }: RuleTarget, peerId?: PeerId): Promise<RawPeer> {
  const peer = await RawPeer.meet({ port, from: FROM }, peerId);
  await peer.join(metainfo.infoHash, Bitfield.full(metainfo.layout.pieceCount).toBase64());
  return peer;
}

async function tryOut({ what, code, act }: Trial, target: RuleTarget): Promise<Figure> {
  const peer = await enter(target);
  act(peer);
  // Answered in order: when this is, what came before it was read.
  peer.say({ kind: 'search', id: 2, query: 'nothing' });
  await peer.hears('found');
  const found = peer.heard.some(({ kind }) => kind === 'found');
  const ended = found ? undefined : ((await peer.ended()).code ?? LINK_CLOSED);
  peer.close();
  return fact(what, { demand: code ?? 'the link stands', seen: ended ?? 'the link stands', holds: ended === code });
}

async function unkeptPromise(target: RuleTarget): Promise<Figure> {
  const peer = await enter(target);
  offer(peer, 200, 1);
  await peer.hears('request');
  const beganMs = performance.now();
  const cancel = await peer.hears('cancel');
  const seconds = (performance.now() - beganMs) / 1000;
  peer.close();
  const deadlineSeconds = pieceDeadlineMs(LIMITS.minPieceBytes) / 1000;
  return fact('a piece that was promised and does not come', {
    demand: `cancelled, not before ${deadlineSeconds} s`,
    seen: cancel === undefined ? 'never' : `after ${seconds.toFixed(2)} s`,
    holds: cancel !== undefined && seconds > deadlineSeconds - 0.5,
  });
}

async function uninvited(target: RuleTarget): Promise<Figure> {
  const peer = await enter(target);
  peer.say({ kind: 'request', channel: 0, blocks: [[0, 0, LIMITS.minPieceBytes]] });
  const reject = await peer.hears('reject');
  peer.close();
  const seen = reject === undefined ? 'no answer' : 'reject';
  return fact('a request for what was not offered', { demand: 'reject', seen, holds: seen === 'reject' });
}

/** Who was banned dials again with the same id. */
async function comeback(target: RuleTarget): Promise<Figure> {
  const peer = await enter(target);
  peer.sendBlock(99, 0, Buffer.alloc(1));
  await peer.ended();
  const again = await RawPeer.meet({ port: target.port, from: FROM }, peer.peerId);
  const { code } = await again.ended();
  const demand = 'sent away as protocol-violation';
  return fact('a banned peer that dials again', {
    demand,
    seen: code ?? 'nothing',
    holds: code === 'protocol-violation',
  });
}
