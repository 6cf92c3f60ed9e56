/** One download of one file, from the first link to the checked file: what it is doing, for whoever draws it. */
import { reportError, ShoalError, type Metainfo, type PeerId, type SwarmMember } from '@shoal/protocol';
import { DialledAgents, type AgentTrouble, type DialParts } from './dialled-agents.ts';
import { FilePieces } from './file-part.ts';
import { hashBlob, type HashPiece } from './piece-check.ts';
import { Rate } from './rate.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import type { Sink } from './sink.ts';

const TICK_MS = 500;
/** Parts of a circle by which the n-th sender's beginning lies far from those of all before it. */
const GOLDEN = 0.618034;

export type Phase = 'linking' | 'waiting' | 'fetching' | 'checking' | 'done' | 'cancelled' | 'failed';

/** What is to be seen of a download. */
export interface DownloadState {
  readonly phase: Phase;
  readonly length: number;
  /** Bytes of the file that are verified and written. */
  readonly verifiedBytes: number;
  /** Bytes of the written file that were read once more. */
  readonly checkedBytes: number;
  readonly bytesPerSecond: number;
  /** From whom the verified bytes came, most first. */
  readonly sources: readonly { readonly name: string; readonly bytes: number }[];
  readonly troubles: readonly AgentTrouble[];
  /** Why it failed. */
  readonly problem?: ShoalError;
}

export interface DownloadParts extends Omit<DialParts, 'infoHash' | 'ownId'> {
  readonly metainfo: Metainfo;
  /** Index into the metainfo's files. */
  readonly file: number;
  readonly sink: Sink;
  readonly hash: HashPiece;
  readonly onChange: (state: DownloadState) => void;
}

export class FileDownload {
  readonly #parts: DownloadParts;
  readonly #file: FilePieces;
  readonly #receiver: Receiver;
  readonly #agents: DialledAgents;
  readonly #senders = new Map<PeerId, Sender>();
  readonly #sources = new Map<string, number>();
  readonly #rate = new Rate();
  #verifiedBytes = 0;
  #checkedBytes = 0;
  #end: 'checking' | 'done' | 'cancelled' | 'failed' | undefined;
  #problem: ShoalError | undefined;
  #sendersSeen = 0;
  #cancelTick: () => void = () => undefined;

  constructor(parts: DownloadParts) {
    const { metainfo, hash, sink, clock } = parts;
    this.#parts = parts;
    this.#file = new FilePieces(metainfo, parts.file);
    this.#receiver = new Receiver({
      ...{ file: this.#file, hash, sink, clock },
      onVerified: (sender, bytes) => {
        this.#verified(sender, bytes);
      },
      onComplete: () => {
        void this.#finish();
      },
      onFailed: (error) => {
        this.#fail(error);
      },
    });
    const ids = { infoHash: metainfo.infoHash, ownId: randomPeerId() };
    this.#agents = new DialledAgents({ ...parts, ...ids }, this.#agentHandlers());
  }

  /** Begins, with the agents that are known. */
  start(members: readonly SwarmMember[]): void {
    if (this.#file.pieces.length === 0) {
      void this.#finish();
      return;
    }
    this.#agents.know(members);
    this.#tick();
  }

  /** Other agents have the share now, or have come further. */
  know(members: readonly SwarmMember[]): void {
    if (this.#end === undefined) this.#agents.know(members);
  }

  /** Ends it, and takes away what was written. */
  async cancel(): Promise<void> {
    if (this.#end !== undefined && this.#end !== 'checking') return;
    this.#stop('cancelled');
    await this.#parts.sink.discard().catch(() => undefined);
  }

  get state(): DownloadState {
    const nowMs = this.#parts.clock.now();
    const sources = [...this.#sources].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
    return {
      phase: this.#end ?? this.#openPhase(),
      length: this.#file.file.length,
      verifiedBytes: this.#verifiedBytes,
      checkedBytes: this.#checkedBytes,
      bytesPerSecond: this.#end === undefined ? this.#rate.bytesPerSecond(nowMs) : 0,
      sources,
      troubles: this.#agents.troubles,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  #openPhase(): 'linking' | 'waiting' | 'fetching' {
    if (this.#agents.liveCount === 0) return 'linking';
    return this.#receiver.hasSource ? 'fetching' : 'waiting';
  }

  #agentHandlers(): ConstructorParameters<typeof DialledAgents>[1] {
    return {
      onLive: (agent) => {
        const beginAt = (this.#sendersSeen++ * GOLDEN) % 1;
        const { pieceCount } = this.#parts.metainfo.layout;
        const sender = new Sender({ id: agent.id, name: agent.name, link: agent, beginAt, pieceCount });
        this.#senders.set(agent.id, sender);
        this.#receiver.entered(sender);
        this.#tell();
      },
      onMessage: ({ id }, message) => {
        const sender = this.#senders.get(id);
        if (sender !== undefined) this.#receiver.heard(sender, message);
      },
      onBlock: ({ id }, frame) => {
        const sender = this.#senders.get(id);
        if (sender !== undefined) this.#receiver.blockCame(sender, frame);
      },
      onGone: ({ id }) => {
        const sender = this.#senders.get(id);
        this.#senders.delete(id);
        if (sender !== undefined) this.#receiver.left(sender);
        this.#tell();
      },
    };
  }

  #verified({ name }: Sender, bytes: number): void {
    this.#verifiedBytes += bytes;
    this.#rate.add(bytes, this.#parts.clock.now());
    this.#sources.set(name, (this.#sources.get(name) ?? 0) + bytes);
  }

  #tick(): void {
    this.#receiver.tick();
    this.#agents.tick();
    if (this.#agents.isHopeless && this.#agents.liveCount === 0) {
      this.#fail(
        new ShoalError('peer-unreachable', 'none of the agents that have this file can be used from this page'),
      );
      return;
    }
    this.#tell();
    this.#cancelTick = this.#parts.clock.setTimer(TICK_MS, () => {
      this.#tick();
    });
  }

  /** All pieces are right and written: reads the file as a whole once more, as an agent does before it gives it its name. */
  async #finish(): Promise<void> {
    this.#stop('checking');
    const { sink } = this.#parts;
    try {
      const written = await sink.seal();
      const digest = await hashBlob(written, (bytes) => {
        this.#checkedBytes += bytes;
        this.#tell();
      });
      if (this.#isCancelled) return;
      if (digest !== this.#file.file.sha256) {
        throw new ShoalError(
          'content-mismatch',
          'all pieces are right, but the file as a whole is not what the share says',
        );
      }
      await sink.deliver();
      this.#stop('done');
    } catch (error) {
      if (!this.#isCancelled) this.#fail(error);
    }
  }

  get #isCancelled(): boolean {
    return this.#end === 'cancelled';
  }

  #fail(error: unknown): void {
    const { code, message } = reportError(error);
    this.#problem = error instanceof ShoalError ? error : new ShoalError(code, message, { cause: error });
    this.#stop('failed');
    void this.#parts.sink.discard().catch(() => undefined);
  }

  #stop(end: 'checking' | 'done' | 'cancelled' | 'failed'): void {
    this.#end = end;
    this.#cancelTick();
    this.#receiver.isStopped = true;
    this.#agents.stop();
    this.#tell();
  }

  #tell(): void {
    this.#parts.onChange(this.state);
  }
}

/** A page is nobody that others could find again: it makes up who it is. */
function randomPeerId(): PeerId {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') as PeerId;
}
