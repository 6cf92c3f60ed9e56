import type { EngineSnapshot, PieceStore, ShareToAdd, SwarmSnapshot } from '@shoal/engine';
import { Bitfield, peerIdOf, ShoalError, type InfoHash, type PeerId } from '@shoal/protocol';
import type { ShareDisk } from '../../src/agent/share-disk.ts';

export const peerId: PeerId = peerIdOf(new Uint8Array(32));

/** An engine that holds shares and moves nothing; the test says when one is finished. */
export class FakeEngine {
  readonly shares = new Map<InfoHash, ShareToAdd & { finish: () => void; fail: (error: unknown) => void }>();
  readonly #finished = new Map<InfoHash, Promise<void>>();
  swarm: Partial<SwarmSnapshot> = {};
  isStopped = false;

  start = () => Promise.resolve(7000);
  add = (share: ShareToAdd) => {
    let finish = (): void => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const finished = new Promise<void>((resolve, reject) => {
      finish = resolve;
      fail = reject;
    });
    this.#finished.set(share.metainfo.infoHash, finished);
    this.shares.set(share.metainfo.infoHash, { ...share, finish, fail });
  };
  remove = async (infoHash: InfoHash) => {
    await this.shares.get(infoHash)?.store.close();
    this.shares.delete(infoHash);
  };
  whenFinished = (infoHash: InfoHash) => this.#finished.get(infoHash)!;
  trackers: EngineSnapshot['trackers'] = [];
  connect = () => Promise.resolve(peerId);
  search = () => Promise.resolve([{ host: '10.0.0.2', port: 5000, shares: [] }]);
  follow = () => undefined;
  fetchMetainfo = () => Promise.reject(new ShoalError('unknown-share', 'no linked peer has it'));
  stop = () => {
    this.isStopped = true;
    return Promise.resolve();
  };

  snapshot(): EngineSnapshot {
    const swarms = [...this.shares.values()].map(({ metainfo: { infoHash: hash, layout, info }, have }) => ({
      infoHash: hash,
      pieceCount: layout.pieceCount,
      verifiedPieces: have.count,
      verifiedBytes: have.isFull ? info.length : 0,
      isComplete: have.isFull,
      isFinished: have.isFull,
      receivedBytes: 0,
      sentBytes: 0,
      receivedBytesPerSecond: 0,
      sentBytesPerSecond: 0,
      peers: [],
      ...this.swarm,
    }));
    return { swarms, links: [], knownPeers: [], trackers: this.trackers };
  }
}

/** A disk that knows only fingerprints, and notes what it was asked. */
export class FakeDisk implements ShareDisk {
  readonly calls: string[] = [];
  closed = 0;
  currentFingerprint = 'first';
  isSameAfterAll = true;
  failure: ShoalError | undefined;

  openShare = (_metainfo: unknown, path: string) => this.#do(`open ${path}`, this.#store());
  openDownload = (_metainfo: unknown, folder: string) => {
    return this.#do(`download to ${folder}`, { store: this.#store(), have: new Bitfield(1) });
  };
  fingerprint = (_metainfo: unknown, path: string) => this.#do(`fingerprint ${path}`, this.currentFingerprint);
  check = async (_metainfo: unknown, path: string) => {
    await this.#do(`check ${path}`, undefined);
    if (!this.isSameAfterAll) throw new ShoalError('content-mismatch', `checking ${path}: it has changed`);
  };

  move = (_metainfo: unknown, from: string, to: string) => this.#do(`move ${from} to ${to}`, undefined);

  #do<T>(call: string, result: T): Promise<T> {
    this.calls.push(call);
    return this.failure === undefined ? Promise.resolve(result) : Promise.reject(this.failure);
  }

  #store(): PieceStore {
    return {
      readBlock: () => Promise.reject(new Error('not read')),
      writePiece: () => Promise.reject(new Error('not written')),
      finish: () => Promise.resolve(),
      close: () => {
        this.closed++;
        return Promise.resolve();
      },
    };
  }
}
