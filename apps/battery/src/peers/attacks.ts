/** What strangers do to an agent for a while. Each attack comes from addresses of its own, with as many links as one may have. */
import { Bitfield, encodePeerMessage, LIMITS, type Metainfo, type PeerMessage } from '@shoal/protocol';
import { setTimeout as pause } from 'node:timers/promises';
import { openSocket, RawPeer, upgradeHead } from './raw-peer.ts';
import type { Target } from './stage.ts';
import { fragments, frame, OPCODE } from '../web-socket-frames.ts';

/** An attack under way. */
export interface Assault {
  /** Ends it, and all of its links. */
  end(): Promise<void>;
}

export interface Attack {
  readonly name: string;
  /** @param from an address of this machine that no other attack uses */
  begin(target: Target, from: string): Promise<Assault>;
}

const CHUNK_BYTES = 64 * 1024;
const PING_BYTES = 125;
const EVERY_MS = 100;
const KIND_PADDING = ' '.repeat(20);

const text = (message: PeerMessage): Buffer =>
  frame({ opcode: OPCODE.text, payload: encodePeerMessage(message), mask: 'zeros' });
const none = ({ layout }: Metainfo): string => new Bitfield(layout.pieceCount).toBase64();
const all = ({ layout }: Metainfo): string => Bitfield.full(layout.pieceCount).toBase64();
const firstPieces = ({ layout }: Metainfo): number[] =>
  Array.from({ length: Math.min(layout.pieceCount, LIMITS.listEntries) }, (_, piece) => piece);

/** Messages that are right, as many and as fast as the links carry. */
export const FLOODS: readonly Attack[] = [
  flood('haves', ({ wanted }) => text({ kind: 'have', channel: 0, pieces: firstPieces(wanted) })),
  flood('requests', ({ seeded }) =>
    text({
      kind: 'request',
      channel: 0,
      blocks: firstPieces(seeded).map((piece) => [piece, 0, LIMITS.minPieceBytes] as const),
    }),
  ),
  flood('pings', () => frame({ opcode: OPCODE.ping, payload: Buffer.alloc(PING_BYTES), mask: 'zeros' })),
  flood('fragments', () =>
    fragments(`${KIND_PADDING}{"kind":"notInterested","channel":0}`, LIMITS.messageFragments / 2),
  ),
  flood('searches', () => text({ kind: 'search', id: 1, query: 'bin' })),
  flood('interests', ({ wanted }) => text({ kind: 'interested', channel: 0, first: firstPieces(wanted) })),
];

/** What is sent is small; what it makes the victim keep, or wait for, is not. */
export const HOLDS: readonly Attack[] = [
  { name: 'silent connections', begin: holdSockets(() => Promise.resolve()) },
  {
    name: 'slow headers',
    begin: holdSockets(async (socket, isOver) => {
      for (const letter of upgradeHead()) {
        if (isOver() || !socket.writable) return;
        socket.write(letter);
        await pause(EVERY_MS);
      }
    }),
  },
  { name: 'no hello', begin: (target, from) => assault(target, from, (where) => RawPeer.open(where)) },
  {
    name: 'messages without an end',
    begin: (target, from) =>
      assault(target, from, async (where) => {
        const peer = await RawPeer.meet(where);
        peer.write(frame({ opcode: OPCODE.text, claimedBytes: LIMITS.largeMessageBytes, mask: 'zeros' }));
        peer.write(Buffer.alloc(LIMITS.largeMessageBytes - 1, ' '));
        return peer;
      }),
  },
  {
    name: 'readers that do not read',
    begin: (target, from) =>
      assault(target, from, async (where) => {
        const peer = await RawPeer.meet(where);
        await peer.join(target.seeded.infoHash, none(target.seeded));
        peer.say({ kind: 'interested', channel: 0 });
        void requestAll(peer, target.seeded);
        return peer;
      }),
  },
  {
    name: 'questions whose answers nobody reads',
    begin: (target, from) =>
      assault(target, from, async (where, isOver) => {
        const peer = await RawPeer.meet(where);
        peer.stopReading();
        void pour(peer, repeated(text({ kind: 'search', id: 1, query: 'bin' })), isOver);
        return peer;
      }),
  },
  {
    name: 'liars that deliver nothing',
    begin: (target, from) => assault(target, from, (where) => promiser(target, where)),
  },
  {
    name: 'a byte of each piece at a time',
    begin: (target, from) =>
      assault(target, from, async (where, isOver) => {
        const peer = await promiser(target, where);
        void dribble(peer, isOver);
        return peer;
      }),
  },
];

/** An attack whose links join both swarms' right one and repeat a message. */
function flood(name: string, messageFor: (target: Target) => Buffer): Attack {
  const begin = (target: Target, from: string): Promise<Assault> =>
    assault(target, from, async (where, isOver) => {
      const swarm = name === 'requests' ? target.seeded : target.wanted;
      const peer = await RawPeer.meet(where);
      await peer.join(swarm.infoHash, none(swarm));
      peer.listenToNothing();
      void pour(peer, repeated(messageFor(target)), isOver);
      return peer;
    });
  return { name: `flood of ${name}`, begin };
}

interface Where {
  readonly port: number;
  readonly from: string;
}

/** As many links as one address may have, each made by `open`. */
async function assault(
  { port }: Target,
  from: string,
  open: (where: Where, isOver: () => boolean) => Promise<RawPeer | undefined>,
): Promise<Assault> {
  let over = false;
  const peers = await Promise.all(
    Array.from({ length: LIMITS.linksPerAddress }, () => open({ port, from }, () => over)),
  );
  return {
    end: () => {
      over = true;
      for (const peer of peers) peer?.close();
      return Promise.resolve();
    },
  };
}

function holdSockets(
  hold: (socket: Awaited<ReturnType<typeof openSocket>>, isOver: () => boolean) => Promise<void>,
): Attack['begin'] {
  return async ({ port }, from) => {
    let over = false;
    const sockets = await Promise.all(Array.from({ length: 500 }, () => openSocket({ port, from })));
    for (const socket of sockets) void hold(socket, () => over);
    return {
      end: () => {
        over = true;
        for (const socket of sockets) socket.destroy();
        return Promise.resolve();
      },
    };
  };
}

function repeated(message: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: Math.max(1, Math.floor(CHUNK_BYTES / message.length)) }, () => message));
}

/** Writes the same again and again, as fast as the socket takes it. */
async function pour(peer: RawPeer, chunk: Buffer, isOver: () => boolean): Promise<void> {
  while (!isOver() && peer.ending === undefined) {
    if (peer.write(chunk)) await new Promise((resolve) => setImmediate(resolve));
    else await pause(EVERY_MS / 20);
  }
}

/** Takes every offer, and from the first block on reads nothing. */
async function requestAll(peer: RawPeer, { layout }: Metainfo): Promise<void> {
  const offer = await peer.hears('offer');
  const blocks = (offer?.pieces ?? []).flatMap((piece) => layout.blocksOf(piece));
  peer.say({
    kind: 'request',
    channel: 0,
    blocks: blocks.map(({ piece, begin, length }) => [piece, begin, length] as const),
  });
  peer.stopReading();
}

/** A peer that claims to have everything and offers it. */
async function promiser({ wanted }: Target, where: Where): Promise<RawPeer> {
  const peer = await RawPeer.meet(where);
  await peer.join(wanted.infoHash, all(wanted));
  for (
    let first = 0;
    first < Math.min(wanted.layout.pieceCount, LIMITS.outstandingRequests);
    first += LIMITS.listEntries
  ) {
    const count = Math.min(LIMITS.listEntries, wanted.layout.pieceCount - first);
    peer.say({ kind: 'offer', channel: 0, pieces: Array.from({ length: count }, (_, at) => first + at) });
  }
  return peer;
}

/** Delivers what was requested, one byte of each piece at a time. */
async function dribble(peer: RawPeer, isOver: () => boolean): Promise<void> {
  const sent = new Map<number, number>();
  while (!isOver() && peer.ending === undefined) {
    for (const piece of requestedOf(peer)) {
      const begin = sent.get(piece) ?? 0;
      peer.sendBlock(piece, begin, Buffer.alloc(1));
      sent.set(piece, begin + 1);
    }
    await pause(10 * EVERY_MS);
  }
}

/** Pieces that were requested of a peer. */
function requestedOf({ heard }: RawPeer): Set<number> {
  const requests = heard.flatMap((message) => (message.kind === 'request' ? message.blocks : []));
  return new Set(requests.map(([piece]) => piece));
}
