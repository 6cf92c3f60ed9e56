/**
 * All downloads of this page: they go on while people look elsewhere in it, and are found again when they come back. Plain
 * state for whoever draws it.
 */
import { ShoalError, type InfoHash, type Metainfo, type SwarmMember } from '@shoal/protocol';
import { FileDownload, type DownloadParts, type DownloadState } from './file-download.ts';
import type { Sink } from './sink.ts';
import { openSink, type BrowserPlaces, type WantedFile } from './sinks.ts';

/** Downloads at once: each has links of its own, of which an agent gives one address but a few. */
export const MOST_AT_ONCE = 3;

/** What is to be seen of a download: how it stands, or why it could not begin. */
export type Shown =
  | { readonly kind: 'download'; readonly state: DownloadState; readonly where: string }
  | { readonly kind: 'refused'; readonly error: ShoalError };

/** Of one share: file by file, by its index in the metainfo. */
export type ShownFiles = ReadonlyMap<number, Shown>;

/** What the desk needs of the browser. */
export interface DeskParts extends Omit<DownloadParts, 'metainfo' | 'file' | 'sink' | 'onChange'> {
  readonly places: BrowserPlaces;
}

interface Running {
  readonly infoHash: InfoHash;
  readonly file: number;
  readonly download: FileDownload;
}

const NOTHING: ShownFiles = new Map();

export class DownloadDesk {
  readonly #parts: DeskParts;
  readonly #shown = new Map<InfoHash, ShownFiles>();
  readonly #running = new Set<Running>();
  readonly #listeners = new Set<() => void>();
  #opening = 0;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Whether one more may begin. */
  get hasRoom(): boolean {
    return this.#running.size + this.#opening < MOST_AT_ONCE;
  }

  /** Whether something would be lost if the page were closed now. */
  get isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** The same object until something in it changes. */
  filesOf(infoHash: InfoHash): ShownFiles {
    return this.#shown.get(infoHash) ?? NOTHING;
  }

  /** Calls `listener` after every change; the returned function ends that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins to download a file; to be called in the click that asked for it. */
  async start(metainfo: Metainfo, file: number, members: readonly SwarmMember[]): Promise<void> {
    const wanted = metainfo.info.files[file];
    if (wanted === undefined || !this.hasRoom) return;
    try {
      const sink = await this.#open({ name: wanted.path.at(-1) ?? metainfo.info.name, length: wanted.length });
      if (sink !== undefined) this.#run({ metainfo, file, sink }, members);
    } catch (error) {
      this.#show(metainfo.infoHash, file, { kind: 'refused', error: asShoalError(error) });
    }
  }

  /** Ends a download and takes away what was written. */
  async cancel(infoHash: InfoHash, file: number): Promise<void> {
    for (const running of this.#running) {
      if (running.infoHash === infoHash && running.file === file) await running.download.cancel();
    }
  }

  /** Who has a share now. */
  know(infoHash: InfoHash, members: readonly SwarmMember[]): void {
    for (const running of this.#running) if (running.infoHash === infoHash) running.download.know(members);
  }

  /** While the person is asked where, the download has its place already. */
  async #open(file: WantedFile): Promise<Sink | undefined> {
    this.#opening++;
    try {
      return await openSink(file, this.#parts.places);
    } finally {
      this.#opening--;
    }
  }

  #run(wanted: Pick<DownloadParts, 'metainfo' | 'file' | 'sink'>, members: readonly SwarmMember[]): void {
    const { metainfo, file, sink } = wanted;
    const { infoHash } = metainfo;
    const onChange = (state: DownloadState): void => {
      if (isOver(state)) this.#running.delete(running);
      this.#show(infoHash, file, { kind: 'download', state, where: sink.where });
    };
    const running: Running = { infoHash, file, download: new FileDownload({ ...this.#parts, ...wanted, onChange }) };
    this.#running.add(running);
    running.download.start(members);
  }

  #show(infoHash: InfoHash, file: number, shown: Shown): void {
    this.#shown.set(infoHash, new Map(this.filesOf(infoHash)).set(file, shown));
    for (const listener of this.#listeners) listener();
  }
}

function isOver({ phase }: DownloadState): boolean {
  return phase === 'done' || phase === 'cancelled' || phase === 'failed';
}

function asShoalError(error: unknown): ShoalError {
  if (error instanceof ShoalError) return error;
  return new ShoalError('internal', 'the page failed', { cause: error });
}
