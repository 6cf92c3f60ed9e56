/** Seeders that are reached through proxies and in no other way, and a leecher that is handed the proxies' addresses. */
import { readFile } from 'node:fs/promises';
import { parseMetainfo, type HandedPeer, type Metainfo, type PeerId, type Transfer } from '@shoal/protocol';
import { FaultyProxy, Machine, Sandbox, sha256OfFile, writeSampleFile, type Agent } from '@shoal/testbed';
import { fact, type Figure } from '../figure.ts';
import { HandingTracker } from './handing-tracker.ts';

const FILE = 'film.bin';

/** What lies behind the proxies. */
export interface LinesPlan {
  readonly bytes: number;
  readonly seeders: number;
  /** What each seeder sends, as the option says it: `2M`. */
  readonly uploadLimit: string;
  /** Uniform in [0, 1). */
  readonly chance?: () => number;
}

/** A seeder and the proxy before it. */
export interface Line {
  readonly proxy: FaultyProxy;
  readonly peerId: PeerId;
}

export class Lines {
  readonly metainfo: Metainfo;
  readonly lines: readonly Line[];
  readonly #tracker: HandingTracker;
  readonly #sandbox: Sandbox;
  #leechers = 0;

  private constructor(
    sandbox: Sandbox,
    parts: { metainfo: Metainfo; lines: readonly Line[]; tracker: HandingTracker },
  ) {
    this.#sandbox = sandbox;
    this.metainfo = parts.metainfo;
    this.lines = parts.lines;
    this.#tracker = parts.tracker;
  }

  static async set(sandbox: Sandbox, plan: LinesPlan, tracker: HandingTracker, lines: Line[]): Promise<Lines> {
    const home = await Machine.create(sandbox, 'home');
    await writeSampleFile(home.path(FILE), plan.bytes);
    await home.run('create', FILE, tracker.url);
    const metainfo = parseMetainfo(await readFile(home.path(`${FILE}.torrent`)));
    for (let number = 0; number < plan.seeders; number++) {
      const machine = await Machine.create(sandbox, `seeder-${number}`);
      const agent = await machine.startAgent('--host', '127.0.0.1', '--upload-limit', plan.uploadLimit);
      await agent.control.addShare({ metainfo, path: home.path(FILE) });
      const { port, peerId } = await agent.control.status();
      const target = { host: '127.0.0.1', port };
      const proxy = await FaultyProxy.start({ target, ...(plan.chance !== undefined && { chance: plan.chance }) });
      lines.push({ proxy, peerId });
    }
    return new Lines(sandbox, { metainfo, lines, tracker });
  }

  /** One of the lines; the first is 0. */
  line(number: number): Line {
    const line = this.lines[number];
    if (line === undefined) throw new Error(`invariant: there is no line ${number}`);
    return line;
  }

  /** Where the seeders are, for all that the leecher knows. */
  get addresses(): readonly HandedPeer[] {
    return this.lines.map(({ proxy: { host, port }, peerId }) => ({ peerId, host, port }));
  }

  /**
   * Has a new leecher begin.
   * @param handOut what its tracker tells it
   */
  async download(handOut: readonly HandedPeer[] = this.addresses): Promise<Download> {
    const machine = await Machine.create(this.#sandbox, `leecher-${this.#leechers++}`);
    const agent = await machine.startAgent('--host', '127.0.0.1');
    this.#tracker.handOut(handOut);
    const begunAt = performance.now();
    await agent.control.addDownload({ metainfo: this.metainfo, folder: machine.folder });
    return new Download(agent, { metainfo: this.metainfo, path: machine.path(FILE), begunAt });
  }
}

/** A download through the proxies. */
export class Download {
  readonly agent: Agent;
  readonly #metainfo: Metainfo;
  readonly #path: string;
  readonly #begunAt: number;

  constructor(agent: Agent, parts: { metainfo: Metainfo; path: string; begunAt: number }) {
    this.agent = agent;
    [this.#metainfo, this.#path, this.#begunAt] = [parts.metainfo, parts.path, parts.begunAt];
  }

  reaches(isThere: (transfer: Transfer) => boolean): Promise<Transfer> {
    return this.agent.reaches(this.#metainfo.infoHash, isThere);
  }

  /** Waits until it has this part of all bytes; answers how many. */
  async has(part: number): Promise<number> {
    const { receivedBytes } = await this.reaches(({ verifiedBytes, length }) => verifiedBytes >= part * length);
    return receivedBytes;
  }

  /** Waits for its first byte; answers how long that took from its beginning, in seconds. */
  async firstByteS(): Promise<number> {
    await this.reaches(({ receivedBytes }) => receivedBytes > 0);
    return (performance.now() - this.#begunAt) / 1_000;
  }

  /** Waits for its end; answers how long it took, in seconds. */
  async wholeS(): Promise<number> {
    await this.reaches(({ state }) => state === 'seeding');
    return (performance.now() - this.#begunAt) / 1_000;
  }

  /** Waits for its end, and says whether what is there is right. */
  async isRight(what: string): Promise<Figure> {
    const seconds = await this.wholeS();
    const isRight = (await sha256OfFile(this.#path)) === this.#metainfo.info.files[0]?.sha256;
    return fact(`${what}: SHA-256`, {
      demand: 'right',
      seen: `${isRight ? 'right' : 'wrong'}, after ${seconds.toFixed(1)} s`,
      holds: isRight,
    });
  }
}

/** Sets the lines up, plays on them, and clears them whatever happens. */
export async function onLines<T>(plan: LinesPlan, play: (lines: Lines) => Promise<T>): Promise<T> {
  const [sandbox, tracker] = [await Sandbox.create(), await HandingTracker.start()];
  const lines: Line[] = [];
  try {
    return await play(await Lines.set(sandbox, plan, tracker, lines));
  } finally {
    await sandbox.clear();
    for (const { proxy } of lines) await proxy.stop();
    await tracker.stop();
  }
}
