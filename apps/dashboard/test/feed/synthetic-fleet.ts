/** A fleet that was made up: one large share that spreads, beside some others, with names as an enemy would choose them. */
import {
  Bitfield,
  createMetainfo,
  infoHashSchema,
  peerIdSchema,
  sha256Hex,
  type Holding,
  type InfoHash,
  type Machine,
  type Metainfo,
  type PeerId,
  type ShareRow,
  type SwarmMember,
} from '@shoal/protocol';
import { Chance } from './chance.ts';

export interface FleetOptions {
  readonly machines: number;
  readonly pieces: number;
  /** `members` messages a second to each page that looks at the large share. */
  readonly changesPerSecond: number;
  /** How long the share takes until everyone has what can be had. */
  readonly fillSeconds: number;
}

export const MARKUP_NAME = '<img src=x onerror=alert(1)>';
const TURNING_NAME = 'holiday\u202egpj.exe';
/** Only the source has these, and nobody reaches it: one machine lacks nothing else. */
export const STALLED_NAME = 'web-7';
const SOURCE_NAME = 'build-1';

const PIECE_BYTES = 1024 ** 2;
const MiB = 1024 ** 2;
const FEEDERS = 5;
const KINDS = ['web', 'db', 'gpu', 'edge', 'ci'];

const idOf = (name: string): PeerId => peerIdSchema.parse(sha256Hex(name));
const shareIdOf = (name: string): InfoHash => infoHashSchema.parse(sha256Hex(name));
export const LARGE_NAME = 'ubuntu-26.10-server.img';

/** One machine of the large swarm. */
interface Peer {
  readonly machine: Machine;
  readonly held: Bitfield;
  /** The pieces that it does not have, in the order in which it gets them, the next one last. */
  readonly missing: number[];
  readonly isSource: boolean;
  /** What its line carries, in bytes a second. */
  readonly lineRate: number;
  feeders: [PeerId, number][];
}

export class SyntheticFleet {
  readonly options: FleetOptions;
  /** Of the large share; nobody has the bytes that it promises. */
  readonly metainfo: Metainfo;
  readonly rarePieces: readonly [number, number];
  readonly #chance = new Chance(7);
  readonly #peers: Peer[] = [];
  readonly #sent = new Map<PeerId, number>();
  readonly #startedAtMs = performance.now();
  readonly #perChange: number;

  constructor(options: FleetOptions) {
    this.options = options;
    this.rarePieces = options.pieces > 812 ? [811, 812] : [options.pieces - 2, options.pieces - 1];
    this.metainfo = metainfoOf(options.pieces);
    const changes = options.changesPerSecond * options.fillSeconds;
    this.#perChange = Math.max(1, Math.round((options.machines * options.pieces) / changes));
    for (let n = 0; n < options.machines; n++) this.#peers.push(this.#makePeer(n));
    for (const peer of this.#peers) this.#refeed(peer);
  }

  get share(): { infoHash: InfoHash; name: string; length: number; pieceLength: number; pieceCount: number } {
    const { pieces } = this.options;
    return {
      infoHash: this.metainfo.infoHash,
      name: LARGE_NAME,
      length: pieces * PIECE_BYTES,
      pieceLength: PIECE_BYTES,
      pieceCount: pieces,
    };
  }

  /** Every machine as it is told at first. */
  members(): SwarmMember[] {
    return this.#peers.map((peer) => ({ ...this.#told(peer), pieces: { bits: peer.held.toBase64() } }));
  }

  /** Something happens: a machine gets pieces from others. Returns it with the news. */
  change(): SwarmMember {
    const peer = this.#chance.pick(this.#peers);
    if (peer.missing.length === 0 && !peer.isSource && peer.machine.name !== STALLED_NAME) return this.#told(peer);
    const gained = peer.missing.splice(-Math.ceil(this.#perChange * (0.5 + this.#chance.next())));
    for (const piece of gained) peer.held.add(piece);
    this.#refeed(peer);
    return { ...this.#told(peer), ...(gained.length === 0 ? {} : { pieces: { gained: gained.slice(0, 1_024) } }) };
  }

  /** What all receive together, in bytes a second. */
  get receivedTogether(): number {
    return this.#peers.reduce((sum, peer) => sum + receivedBy(peer), 0);
  }

  machineOf(peerId: PeerId): Machine | undefined {
    return this.#peers.find(({ machine }) => machine.peerId === peerId)?.machine;
  }

  /** What a machine has and gets: the large share, and some others. */
  holdingsOf(peerId: PeerId): Holding[] {
    const peer = this.#peers.find(({ machine }) => machine.peerId === peerId);
    if (peer === undefined) return [];
    const {
      peerId: _id,
      name: _name,
      agent: _agent,
      host: _host,
      port: _port,
      feeders: _feeders,
      ...report
    } = this.#told(peer);
    const large: Holding = {
      ...report,
      infoHash: this.share.infoHash,
      name: this.share.name,
      length: this.share.length,
    };
    const others = this.rows()
      .slice(1, 9)
      .map(({ infoHash, name, length }): Holding => ({
        infoHash,
        name,
        length,
        state: 'seeding',
        left: 0,
        receivedBytesPerSecond: 0,
        sentBytesPerSecond: infoHash.startsWith('a') ? 3 * MiB : 0,
        seconds: 41,
      }));
    return [large, ...others];
  }

  /** The rows of the overview, the large share first. */
  rows(): ShareRow[] {
    const left = this.#peers.reduce((sum, { held }) => sum + (held.size - held.count) * PIECE_BYTES, 0);
    const seeders = this.#peers.filter(({ held }) => held.isFull).length;
    const { infoHash, name, length } = this.share;
    const leechers = this.#peers.length - seeders;
    return [
      rowOf({ infoHash, name, length, left, seeders, leechers, receivedBytesPerSecond: this.receivedTogether }),
      ...OTHER_SHARES,
    ];
  }

  #makePeer(n: number): Peer {
    const name = nameOf(n);
    const { pieces } = this.options;
    const isSource = name === SOURCE_NAME;
    const isStalled = name === STALLED_NAME;
    const gettable = this.#chance
      .shuffle(Array.from({ length: pieces }, (_, piece) => piece))
      .filter((piece) => !this.rarePieces.includes(piece));
    const early = Math.floor(pieces * 0.35 * this.#chance.next());
    const held = isSource ? Bitfield.full(pieces) : new Bitfield(pieces);
    const kept = isSource || isStalled ? [] : gettable.slice(early);
    if (!isSource) for (const piece of isStalled ? gettable : gettable.slice(0, early)) held.add(piece);
    const host = `10.20.${String(n >> 8)}.${String(n & 255)}`;
    const machine = {
      peerId: idOf(`${name} ${String(n)}`),
      name,
      agent: 'shoal/0.1.0',
      host,
      port: isSource ? 0 : 41_900,
    };
    const lineRate = (60 + 40 * this.#chance.next()) * MiB;
    return { machine, held, missing: kept, isSource, lineRate, feeders: [] };
  }

  /** Others feed it from now on; what they send changes with it. */
  #refeed(peer: Peer): void {
    for (const [from, rate] of peer.feeders) this.#sent.set(from, (this.#sent.get(from) ?? 0) - rate);
    peer.feeders = [];
    if (peer.missing.length === 0) return;
    let rest = peer.lineRate * (0.6 + 0.4 * this.#chance.next());
    for (const from of this.#choose(peer)) {
      const rate = Math.round(rest * 0.45);
      rest -= rate;
      peer.feeders.push([from, rate]);
      this.#sent.set(from, (this.#sent.get(from) ?? 0) + rate);
    }
  }

  /** Some others than itself, now and then the source. */
  #choose(peer: Peer): Set<PeerId> {
    const chosen = new Set<PeerId>();
    for (let n = 0; n < FEEDERS; n++) {
      const from =
        this.#chance.next() < 0.04 ? idOf(`${SOURCE_NAME} 0`) : this.#chance.pick(this.#peers).machine.peerId;
      if (from !== peer.machine.peerId) chosen.add(from);
    }
    return chosen;
  }

  #told(peer: Peer): SwarmMember {
    const { machine, held, missing, isSource, feeders } = peer;
    const received = receivedBy(peer);
    const left = (held.size - held.count) * PIECE_BYTES;
    const base = {
      ...machine,
      left,
      receivedBytesPerSecond: received,
      sentBytesPerSecond: this.#sent.get(machine.peerId) ?? 0,
      feeders,
    };
    if (isSource) return { ...base, state: 'seeding' };
    const seconds = 30 + (performance.now() - this.#startedAtMs) / 1000;
    if (missing.length === 0)
      return { ...base, state: machine.name === STALLED_NAME ? 'waiting' : 'downloading', seconds };
    return { ...base, state: 'downloading', seconds, ...(received > 0 ? { secondsLeft: left / received } : {}) };
  }
}

function metainfoOf(pieces: number): Metainfo {
  return createMetainfo({
    announce: 'http://tracker.example:8000',
    name: LARGE_NAME,
    pieceLength: PIECE_BYTES,
    files: [{ path: [LARGE_NAME], length: pieces * PIECE_BYTES, sha256: sha256Hex(LARGE_NAME) }],
    digests: new Uint8Array(32 * pieces),
  });
}

function receivedBy({ feeders }: Peer): number {
  return feeders.reduce((sum, [, rate]) => sum + rate, 0);
}

function nameOf(n: number): string {
  if (n === 0) return SOURCE_NAME;
  if (n === 1) return STALLED_NAME;
  if (n === 2) return MARKUP_NAME;
  if (n === 3) return TURNING_NAME;
  if (n === 4) return '';
  return `${KINDS[n % KINDS.length] ?? ''}-${String(100 + Math.floor(n / KINDS.length))}`;
}

function rowOf(row: Omit<ShareRow, 'fileCount' | 'registeredAt' | 'matches'> & Partial<ShareRow>): ShareRow {
  return { fileCount: 1, registeredAt: new Date(Date.now() - 95 * 60_000).toISOString(), matches: [], ...row };
}

type Spec = readonly [name: string, mebibytes: number, files: number, seeders: number, leechers: number, done: number];

const OTHERS: readonly Spec[] = [
  ['game-assets-2026.11', 41_200, 18_230, 42, 6, 0.93],
  ['llama-weights-70b.safetensors', 141_000, 1, 8, 24, 0.41],
  ['ci-cache-main', 6_100, 2_412, 112, 3, 0.998],
  ['node-22.11.0-linux-x64.tar.xz', 28, 1, 300, 0, 1],
  ['postgres-base-2026-11-30', 18_700, 964, 3, 2, 0.77],
  ['geo-tiles-europe', 71_000, 48_112, 12, 0, 1],
  ['release-4.18.0', 910, 312, 188, 12, 0.97],
  [MARKUP_NAME, 12, 1, 2, 1, 0.5],
  [TURNING_NAME, 3, 1, 1, 0, 1],
  ['old-archive', 2_300, 7, 0, 0, 1],
];

const OTHER_SHARES: readonly ShareRow[] = OTHERS.map(([name, mebibytes, fileCount, seeders, leechers, done], at) =>
  rowOf({
    infoHash: shareIdOf(name),
    name,
    length: mebibytes * MiB,
    fileCount,
    registeredAt: new Date(Date.now() - (at + 1) * 7.3 * 3_600_000).toISOString(),
    seeders,
    leechers,
    left: Math.round(mebibytes * MiB * (seeders + leechers) * (1 - done)),
    receivedBytesPerSecond: leechers * 11.3 * MiB,
  }),
);
