import type { Log } from '@shoal/engine';
import type { Scenario, SimAgent, SimTransfer, TransferOptions } from '@shoal/engine/testing';
import type { PeerId } from '@shoal/protocol';
import type { Move, Role } from './story.ts';
import { bytesOf, isRight, Witness, type Disk } from './witness.ts';

const ignore = (): void => undefined;

/** A program from its start to its end, as long as it takes part in the swarm. */
export interface Life {
  readonly agent: SimAgent;
  readonly transfer: SimTransfer;
  readonly witness: Witness;
}

/** What an actor says of itself in its log. */
export interface ActorNews {
  onBan(by: Actor, peerId: PeerId, why: string): void;
  onWithdrawn(who: Actor): void;
}

/** One agent of a story, through all its lives. */
export class Actor {
  readonly name: string;
  readonly role: Role;
  readonly disk: Disk;
  /** Undefined before it came, while it is away and when it is gone. */
  life: Life | undefined;
  /** Its cable was pulled for good. */
  isCut = false;
  readonly #scenario: Scenario;
  readonly #news: ActorNews;
  #agent: SimAgent | undefined;
  /** Pieces that it finds on its disk when it comes or comes back. */
  #held: readonly number[];

  constructor(name: string, role: Role, scenario: Scenario, news: ActorNews) {
    const { has = [] } = role.options;
    this.name = name;
    this.role = role;
    this.disk = { writeMs: role.writeMs, isFull: false, failsNextWrite: false, failsReads: false };
    this.#scenario = scenario;
    this.#news = news;
    this.#held = has === 'all' ? [...Array(scenario.metainfo.layout.pieceCount).keys()] : has;
  }

  get isHonest(): boolean {
    return this.role.options.lies === undefined;
  }

  /** It takes part, its program runs, and it hangs on the network, on whichever side of a partition. */
  get isActive(): boolean {
    return this.life?.agent.host.line.process.isRunning === true && !this.isCut;
  }

  /** Its program, which runs while the transfer is paused as well; the last one, when it is dead. */
  get agent(): SimAgent | undefined {
    return this.#agent;
  }

  /** It comes on the stage, or its program is started again. */
  async come(): Promise<void> {
    const options = {
      ...this.#transferOptions,
      onDigest: (parts: readonly Uint8Array[]) => {
        if (this.life !== undefined && !isRight(parts)) this.life.witness.failedBytes += bytesOf(parts);
      },
      log: this.#log(),
    };
    const known = this.#agent;
    const agent = await (known === undefined ? this.#scenario.add(options) : this.#scenario.restart(known, options));
    this.#agent = agent;
    this.#begin(agent, agent);
  }

  /** What befalls it now. */
  async suffer(move: Move): Promise<void> {
    const { life } = this;
    if (life === undefined) return;
    const { engine, host } = life.agent;
    if (move.kind === 'kill') {
      this.#end(life.witness.durable);
      host.kill();
    } else if (move.kind === 'stop') {
      this.#end([]);
      await engine.stop();
    } else if (move.kind === 'pause') {
      this.#end([...life.witness.holds]);
      await engine.remove(this.#scenario.metainfo.infoHash);
    } else if (move.kind === 'cut') {
      this.isCut = true;
      host.cut();
    } else if (move.kind === 'stand-still') host.standStill(move.how, move.forMs);
    else if (move.kind === 'full-disk') this.disk.isFull = true;
    else if (move.kind === 'write-error') this.disk.failsNextWrite = true;
    else this.disk.failsReads = true;
  }

  /** What befell it is over. */
  async recover(move: Move): Promise<void> {
    if (move.kind === 'full-disk') this.disk.isFull = false;
    if (this.#agent === undefined || this.life !== undefined) return;
    if (move.kind === 'kill') await this.come();
    if (move.kind === 'pause') {
      const transfer = this.#scenario.enter(this.#agent, this.#scenario.metainfo, this.#transferOptions);
      this.#begin(this.#agent, transfer);
    }
  }

  get #transferOptions(): TransferOptions {
    return { ...this.role.options, has: this.#held };
  }

  #begin(agent: SimAgent, transfer: SimTransfer): void {
    const witness = new Witness(this.#held, this.disk, agent.host.clock);
    witness.watch(transfer.store);
    this.life = { agent, transfer, witness };
  }

  #end(held: readonly number[]): void {
    this.life = undefined;
    this.#held = held;
  }

  #log(): Log {
    return {
      debug: ignore,
      info: ignore,
      warn: (fields, message) => {
        if ('peerId' in fields) this.#news.onBan(this, fields.peerId as PeerId, message);
      },
      error: () => {
        this.#news.onWithdrawn(this);
      },
    };
  }
}
