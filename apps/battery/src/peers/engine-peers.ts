/** Peers made of the engine, in this process: honest ones, some that have only a part, and impostors that send noise. */
import { randomBytes } from 'node:crypto';
import { Engine } from '@shoal/engine';
import { createHasher, createWsTransport, systemClock, systemRandom } from '@shoal/engine/node';
import { MemoryPieceStore, type SampleShare } from '@shoal/engine/testing';
import { Bitfield, peerIdOf, type Block, type PeerId } from '@shoal/protocol';

/** What a peer is to be. */
export interface PeerPlan {
  /** Which pieces it has. */
  readonly has: (piece: number) => boolean;
  /** Whether what it sends is not what was asked for. */
  readonly isPoisoner?: boolean;
  readonly uploadBytesPerSecond?: number;
}

/** A peer that runs, and where it is dialled. */
export interface EnginePeer {
  readonly peerId: PeerId;
  readonly port: number;
  readonly engine: Engine;
}

const ignore = (): void => undefined;

/** Starts a peer of a share on loopback; whoever starts it stops its engine. */
export async function startPeer(share: SampleShare, plan: PeerPlan): Promise<EnginePeer> {
  const { metainfo } = share;
  const peerId = peerIdOf(randomBytes(32));
  const content = ({ length }: Block): Uint8Array => randomBytes(length);
  const engine = new Engine({
    peerId,
    agent: 'battery/1',
    ports: {
      clock: systemClock,
      random: systemRandom,
      hasher: createHasher(),
      transport: createWsTransport({ host: '127.0.0.1' }),
      openTracker: () => ({ announce: ignore, leave: ignore, follow: ignore, stop: () => Promise.resolve() }),
      log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    },
    ...(plan.uploadBytesPerSecond !== undefined && { uploadBytesPerSecond: plan.uploadBytesPerSecond }),
  });
  const port = await engine.start();
  const have = new Bitfield(metainfo.layout.pieceCount);
  for (let piece = 0; piece < have.size; piece++) if (plan.has(piece)) have.add(piece);
  const store = new MemoryPieceStore(plan.isPoisoner === true ? content : (block) => share.bytesOf(block));
  engine.add({ metainfo, store, have, trackers: [] });
  return { peerId, port, engine };
}
