import { BlockIntake, type IntakeTargets } from './block-intake.ts';
import { TalkAllowance, talkTurns, type Waiting } from './talk-turns.ts';

/** Where what comes on a link goes, and how its connection is told to wait. */
export interface LinkIntakeTargets extends Omit<IntakeTargets, 'mayGoOn'> {
  /** Reads no more, until `resume`. */
  pause(): void;
  resume(): void;
}

/** Takes in what comes on a link: blocks at once, and messages as far as the other side does not talk too much. */
export class LinkIntake implements Waiting {
  readonly #blocks: BlockIntake;
  readonly #targets: LinkIntakeTargets;
  readonly #allowance = new TalkAllowance(talkTurns.clock.now);
  /** What has been read and waits for its turn; the connection is paused meanwhile. */
  readonly #chunks: Buffer[] = [];

  constructor(dialledBy: 'us' | 'them', targets: LinkIntakeTargets) {
    this.#targets = targets;
    this.#blocks = new BlockIntake(dialledBy, {
      onBlock: (message) => {
        this.#allowance.moved(message.length);
        targets.onBlock(message);
      },
      onRest: (bytes) => {
        this.#allowance.spend(() => {
          targets.onRest(bytes);
        });
      },
      onTooLarge: () => {
        targets.onTooLarge();
      },
      mayGoOn: () => this.#allowance.isLeft,
    });
  }

  /** Whether something waits for its turn. */
  get isWaiting(): boolean {
    return this.#chunks.length > 0;
  }

  /** As in `BlockIntake`. */
  get room(): Uint8Array | undefined {
    return this.isWaiting ? undefined : this.#blocks.room;
  }

  /** As in `BlockIntake`. */
  wroteToRoom(bytes: number): void {
    this.#blocks.wroteToRoom(bytes);
  }

  /** The next bytes of the connection; keeps none of their memory. */
  take(chunk: Buffer): void {
    const taken = this.isWaiting ? 0 : this.#blocks.take(chunk);
    if (taken === chunk.length) return;
    if (!this.isWaiting) {
      this.#targets.pause();
      talkTurns.wait(this);
    }
    this.#chunks.push(Buffer.from(chunk.subarray(taken)));
  }

  goOn(): boolean {
    const [chunk] = this.#chunks;
    if (chunk !== undefined) {
      const taken = this.#blocks.takeSome(chunk);
      if (taken < chunk.length) this.#chunks[0] = chunk.subarray(taken);
      else this.#chunks.shift();
    }
    if (this.isWaiting) return true;
    this.#targets.resume();
    return false;
  }

  /** Payload went out on the link. */
  sent(bytes: number): void {
    this.#allowance.moved(bytes);
  }

  /** One more message may be as large as a metainfo. */
  expectLarge(): void {
    this.#blocks.expectLarge();
  }

  /** The connection is closed. */
  stop(): void {
    talkTurns.forget(this);
  }
}
