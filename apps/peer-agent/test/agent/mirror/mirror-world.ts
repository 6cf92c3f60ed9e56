import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PieceStore } from '@shoal/engine';
import { fingerprintShare, lookAtShare, openShare, renameShare } from '@shoal/engine/node';
import { Bitfield, ShoalError, type ErrorReport, type InfoHash, type Metainfo } from '@shoal/protocol';
import { afterEach, beforeEach } from 'vitest';
import { Agent } from '../../../src/agent/agent.ts';
import { Holdings } from '../../../src/agent/holdings.ts';
import type { ShareDisk } from '../../../src/agent/share-disk.ts';
import { Copies } from '../../../src/agent/mirror/copies.ts';
import { Listings } from '../../../src/agent/mirror/listings.ts';
import { MirrorFolder } from '../../../src/agent/mirror/mirror-folder.ts';
import { Mirror } from '../../../src/agent/mirror/mirror.ts';
import { Placing } from '../../../src/agent/mirror/placing.ts';
import { Registrar } from '../../../src/agent/registrar.ts';
import { ShareRecords, type ShareRecord } from '../../../src/agent/share-records.ts';
import { aMetainfo } from '../../samples.ts';
import { FakeClock, settled } from '@shoal/engine/testing';
import { FakeEngine, peerId } from '../fake-parts.ts';
import { LogBook } from '../log-book.ts';

const { signal } = new AbortController();

interface Listed {
  readonly metainfo: Metainfo;
  readonly content: string;
  seeders: number;
}

/** A mirror over a real disk and real records, with a tracker and an engine that do what a test says. */
export class MirrorWorld {
  readonly base: string;
  readonly clock = new FakeClock();
  readonly log = new LogBook();
  /** What the tracker lists, the oldest first. */
  readonly listed: Listed[] = [];
  /** Names that were asked of the disk to download, in their order. */
  downloads: string[] = [];
  trackerProblem: ShoalError | undefined;
  downloadProblem: ShoalError | undefined;
  closeProblem: ShoalError | undefined;
  /** How often the tracker's catalogue was read. */
  searches = 0;
  trackerTold: (ErrorReport | undefined)[] = [];
  ownNames = new Set<string>();
  /** The process is killed at this step of changing disk or records. */
  killAt = Infinity;
  steps = 0;
  engine = new FakeEngine();
  agent: Agent;
  #mirror: Mirror;

  constructor(base: string) {
    this.base = base;
    [this.agent, this.#mirror] = this.#begin();
  }

  get isKilled(): boolean {
    return this.steps > this.killAt;
  }

  /** A tracker that lists one more share, which is a file. */
  list(name: string, content: string, seeders = 1): InfoHash {
    const metainfo = aMetainfo(name, content);
    this.listed.push({ metainfo, content, seeders });
    this.tellOfNews();
    return metainfo.infoHash;
  }

  /** The tracker says that its catalogue has something new. */
  tellOfNews(): void {
    this.#mirror.expectNews();
  }

  /** The agent starts again; nothing of it is left but what stands on disk. */
  async restart(): Promise<void> {
    this.killAt = Infinity;
    this.engine = new FakeEngine();
    [this.agent, this.#mirror] = this.#begin();
    await this.agent.restore();
  }

  /** Rounds until nothing more happens, unless the process is killed. */
  async rounds(count = 3): Promise<void> {
    for (let round = 0; round < count && !this.isKilled; round++) {
      await this.clock.pass(2_000);
      const progress = { isOver: false };
      void this.#mirror.round(signal).finally(() => (progress.isOver = true));
      const isToWait = (): boolean => !progress.isOver && !this.isKilled;
      while (isToWait()) await settled();
    }
  }

  /** What comes of a download when all of it is there. */
  async complete(infoHash: InfoHash): Promise<void> {
    const share = this.agent.holdings.get(infoHash);
    const listed = this.listed.find(({ metainfo }) => metainfo.infoHash === infoHash);
    if (share === undefined || listed === undefined) throw new Error('it is not being downloaded');
    await mkdir(dirname(share.path), { recursive: true });
    await writeFile(share.path, listed.content);
    const swarm = this.engine.shares.get(infoHash);
    swarm?.have.add(0);
    swarm?.finish();
    while (share.fingerprint === undefined) await settled();
  }

  /** Downloads and places what is listed. */
  async mirrorAll(): Promise<void> {
    await this.rounds(1);
    for (const { metainfo } of this.agent.holdings.list()) {
      if (this.engine.shares.get(metainfo.infoHash)?.have.isFull === false) await this.complete(metainfo.infoHash);
    }
    await this.rounds(2);
  }

  path(name: string): string {
    return join(this.base, 'downloads', name);
  }

  read(name: string): Promise<string | undefined> {
    return readFile(this.path(name), 'utf8').catch(() => undefined);
  }

  /** What lies in `.incoming`. */
  incoming(): Promise<string[]> {
    return readdir(this.path('.incoming')).catch(() => []);
  }

  /** Names of what is held, and where. */
  held(): Record<string, string> {
    return Object.fromEntries(this.agent.holdings.list().map(({ metainfo, path }) => [metainfo.infoHash, path]));
  }

  #begin(): [Agent, Mirror] {
    const { log, clock, engine } = this;
    const holdings = new Holdings({
      engine,
      disk: this.#disk(),
      log,
      clock,
      records: new Records(this, join(this.base, 'shares')),
    });
    const registrar = new Registrar({
      clock,
      random: { next: () => 0 },
      register: () => Promise.resolve(),
      has: () => Promise.resolve(true),
    });
    const agent = new Agent({ peerId, engine, holdings, registrar, release: () => Promise.resolve() });
    const folder = new Folder(this, join(this.base, 'downloads'));
    const copies = new Copies(agent, folder, lookAtShare);
    const mirror = new Mirror({
      tracker: { url: 'http://localhost:8000', get: (infoHash) => this.#get(infoHash) },
      listings: new Listings({ search: () => this.#search() }, () => true),
      copies,
      placing: new Placing({ copies, folder, log }),
      folder,
      ownNames: () => this.ownNames,
      clock,
      log,
      onTracker: (problem) => this.trackerTold.push(problem),
    });
    return [agent, mirror];
  }

  #search() {
    this.searches++;
    if (this.trackerProblem !== undefined) return Promise.reject(this.trackerProblem);
    const shares = this.listed.map(({ metainfo: { infoHash, info }, seeders }, at) => ({
      infoHash,
      name: info.name,
      length: info.length,
      fileCount: 1,
      registeredAt: new Date(at * 1_000).toISOString(),
      seeders,
      leechers: 0,
      matches: [],
    }));
    return Promise.resolve({ shares: shares.reverse() });
  }

  #get(infoHash: InfoHash): Promise<Metainfo> {
    const listed = this.listed.find(({ metainfo }) => metainfo.infoHash === infoHash);
    if (listed !== undefined) return Promise.resolve(listed.metainfo);
    return Promise.reject(new ShoalError('unknown-share', infoHash));
  }

  #disk(): ShareDisk {
    return {
      openShare: (metainfo, path) => openShare({ metainfo, path }),
      openDownload: (metainfo) => {
        if (this.downloadProblem !== undefined) return Promise.reject(this.downloadProblem);
        this.downloads.push(metainfo.info.name);
        return Promise.resolve({ store: anEmptyStore(() => this.closeProblem), have: new Bitfield(1) });
      },
      fingerprint: (metainfo, path) => fingerprintShare({ metainfo, path }),
      check: (_metainfo, path) => Promise.reject(new ShoalError('content-mismatch', path)),
      move: ({ isSingleFile }, from, to) => this.step(() => renameShare({ from, to, isSingleFile })),
    };
  }

  /** One change of disk or records, before or after which the process may be killed. */
  async step(change: () => Promise<void>): Promise<void> {
    await this.#survive();
    await change();
    await this.#survive();
  }

  /** Who is killed never comes back. */
  #survive(): Promise<void> {
    return this.steps++ < this.killAt ? Promise.resolve() : new Promise(() => undefined);
  }
}

class Records extends ShareRecords {
  readonly #world: MirrorWorld;

  constructor(world: MirrorWorld, folder: string) {
    super(folder);
    this.#world = world;
  }

  override save(infoHash: InfoHash, record: ShareRecord): Promise<void> {
    return this.#world.step(() => super.save(infoHash, record));
  }

  override delete(infoHash: InfoHash): Promise<void> {
    return this.#world.step(() => super.delete(infoHash));
  }
}

class Folder extends MirrorFolder {
  readonly #world: MirrorWorld;

  constructor(world: MirrorWorld, downloads: string) {
    super(downloads);
    this.#world = world;
  }

  override clear(infoHash: InfoHash): Promise<void> {
    return this.#world.step(() => super.clear(infoHash));
  }
}

function anEmptyStore(closeProblem: () => ShoalError | undefined): PieceStore {
  return {
    readBlock: () => Promise.reject(new Error('not read')),
    writePiece: () => Promise.reject(new Error('not written')),
    finish: () => Promise.resolve(),
    close: () => {
      const problem = closeProblem();
      return problem === undefined ? Promise.resolve() : Promise.reject(problem);
    },
  };
}

/** Gives each test of the file that calls this a world. */
export function useMirrorWorld(): () => MirrorWorld {
  let world: MirrorWorld;
  beforeEach(async () => {
    world = new MirrorWorld(await mkdtemp(join(tmpdir(), 'shoal-')));
  });
  afterEach(() => rm(world.base, { recursive: true, force: true }));
  return () => world;
}
