/** What has become of one share so far, as a reader of the log is told it. */
import type { SwarmSnapshot } from '@shoal/engine';
import type { PeerId, TransferState } from '@shoal/protocol';
import { drawBytes, drawCount, drawRate, drawSeconds } from '../../drawing/units.ts';
import { safeText } from '../../drawing/safe-text.ts';
import type { HeldShare } from '../held-share.ts';

/** One line of the log. */
export interface Line {
  readonly level: 'info' | 'warn';
  readonly fields: object;
  readonly message: string;
}

/** How a share stands at one moment. */
export interface ShareMoment {
  readonly state: TransferState;
  /** Undefined while it is not in the engine. */
  readonly swarm: SwarmSnapshot | undefined;
  readonly nowMs: number;
}

/** So long nobody must have anything before it is called waiting: links need a moment. */
const WAITING_MS = 3_000;
/** The next line on how far it is comes so much later. */
const PROGRESS_MS = 5_000;
/** What is over sooner needs none. */
const FIRST_PROGRESS_MS = 1_000;
/** Bytes per second; a few stray blocks are no news. */
const WORTH_A_LINE = 16 * 1024;

export class ShareStory {
  readonly #share: HeldShare;
  readonly #beganMs: number;
  readonly #givers = new Set<PeerId>();
  #state: TransferState;
  #sinceMs: number;
  #isWaitingSaid = false;
  /** Code of the last problem that was told. */
  #toldProblem: string | undefined;
  #progressMs = -Infinity;

  constructor(share: HeldShare, { state, nowMs }: ShareMoment) {
    this.#share = share;
    this.#state = state;
    this.#beganMs = nowMs;
    this.#sinceMs = nowMs;
  }

  /** When its last line on how far it is came. */
  get progressMs(): number {
    return this.#progressMs;
  }

  /** The first line. */
  begin(moment: ShareMoment): Line {
    this.#noteGivers(moment);
    const isCopy = this.#share.origin.kind === 'mirrored';
    if (this.#state === 'seeding' && isCopy) return this.#completed(moment);
    if (this.#state === 'seeding') return this.#line('shared', `shared ${this.#name}: ${this.#size}`);
    return this.#line('downloading', `downloading ${this.#name}: ${this.#size}`);
  }

  /** The last line. */
  end(): Line {
    return this.#line('withdrawn', this.#state === 'seeding' ? `withdrew ${this.#name}` : `let go of ${this.#name}`);
  }

  /** What is worth a line whenever it happens. */
  turn(moment: ShareMoment): Line | undefined {
    const { state, nowMs } = moment;
    this.#noteGivers(moment);
    if (state !== this.#state) {
      this.#state = state;
      this.#sinceMs = nowMs;
      if (state === 'seeding') return this.#completed(moment);
      if (state === 'downloading') this.#isWaitingSaid = false;
    }
    if (state === 'failed') return this.#standsStill(moment);
    return state === 'waiting' && nowMs - this.#sinceMs >= WAITING_MS ? this.#waits() : undefined;
  }

  /** The engine tries again what the disk refused; what it has given up is told by whoever holds the share. */
  #standsStill({ swarm }: ShareMoment): Line | undefined {
    const problem = this.#share.problem === undefined && swarm?.isComplete === false ? swarm.problem : undefined;
    if (problem === undefined || problem.code === this.#toldProblem) return undefined;
    this.#toldProblem = problem.code;
    const message = `${this.#name} stands still: ${safeText(problem.message)}; it is tried again`;
    return { ...this.#line('stands-still', message, { code: problem.code }), level: 'warn' };
  }

  #waits(): Line | undefined {
    if (this.#isWaitingSaid) return undefined;
    this.#isWaitingSaid = true;
    return this.#line('waiting', `waiting for a seeder of ${this.#name}`);
  }

  /** How far it is, if something moves and the last such line is old enough; whoever writes it calls `progressSaid`. */
  progress({ state, swarm, nowMs }: ShareMoment): Line | undefined {
    const isEarly = nowMs - this.#progressMs < PROGRESS_MS || nowMs - this.#beganMs < FIRST_PROGRESS_MS;
    if (swarm === undefined || isEarly) return undefined;
    if (state === 'downloading' && swarm.receivedBytesPerSecond > 0) return this.#receiving(swarm);
    const isSending = state === 'seeding' && swarm.sentBytesPerSecond >= WORTH_A_LINE;
    return isSending && swarm.peers.some((peer) => !peer.isSeeder) ? this.#sending(swarm) : undefined;
  }

  progressSaid(nowMs: number): void {
    this.#progressMs = nowMs;
  }

  #receiving({ verifiedBytes, receivedBytesPerSecond: rate, peers }: SwarmSnapshot): Line {
    const { length } = this.#share.metainfo.info;
    const from = peers.filter((peer) => peer.receivedBytesPerSecond > 0).length;
    const secondsLeft = Math.ceil((length - verifiedBytes) / rate);
    const percent = Math.floor((verifiedBytes / length) * 100);
    const speed = `${drawRate(rate)} from ${drawCount(from, 'peer')}`;
    const message = `downloading ${this.#name}: ${percent} % at ${speed}, ${drawSeconds(secondsLeft)} left`;
    const bytesPerSecond = Math.round(rate);
    return this.#line('progress', message, { verifiedBytes, length, bytesPerSecond, peers: from, secondsLeft });
  }

  #sending({ sentBytes, sentBytesPerSecond: rate, peers }: SwarmSnapshot): Line {
    const to = peers.filter((peer) => !peer.isSeeder).length;
    const message = `sending ${this.#name} at ${drawRate(rate)} to ${drawCount(to, 'peer')}, ${drawBytes(sentBytes)} so far`;
    return this.#line('sending', message, { sentBytes, bytesPerSecond: Math.round(rate), peers: to });
  }

  #completed({ swarm, nowMs }: ShareMoment): Line {
    const seconds = (nowMs - this.#beganMs) / 1000;
    const receivedBytes = swarm?.receivedBytes ?? 0;
    const from = `from ${drawCount(this.#givers.size, 'peer')}`;
    const fields = { seconds, receivedBytes, peers: this.#givers.size };
    const message = `complete and verified ${this.#name}`;
    if (receivedBytes === 0) return this.#line('complete', message, fields);
    // It was over before the first look: nobody knows how fast it was.
    if (seconds === 0) return this.#line('complete', `${message} in less than a second, ${from}`, fields);
    const bytesPerSecond = Math.round(receivedBytes / seconds);
    const how = `in ${drawSeconds(seconds)}, at ${drawRate(bytesPerSecond)} ${from}`;
    return this.#line('complete', `${message} ${how}`, { ...fields, bytesPerSecond });
  }

  #noteGivers({ swarm }: ShareMoment): void {
    for (const peer of swarm?.peers ?? []) if (peer.receivedBytes > 0) this.#givers.add(peer.peerId);
  }

  get #name(): string {
    return safeText(this.#share.metainfo.info.name);
  }

  get #size(): string {
    const { length, files } = this.#share.metainfo.info;
    return `${drawBytes(length)}, ${drawCount(files.length, 'file')}`;
  }

  #line(event: string, message: string, fields: object = {}): Line {
    const { infoHash, info } = this.#share.metainfo;
    return { level: 'info', fields: { event, infoHash, name: info.name, ...fields }, message };
  }
}
