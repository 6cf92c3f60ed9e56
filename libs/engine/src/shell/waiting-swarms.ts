import type { ReceiveBudget } from '../core/receive-budget.ts';
import type { UploadWindow } from '../core/upload-window.ts';
import type { Clock } from './ports.ts';
import type { SwarmRunner } from './swarm-runner.ts';

/** A swarm as it is waited with. */
interface Waiter extends Pick<SwarmRunner, 'isStopped' | 'dispatch'> {
  readonly swarm: Pick<SwarmRunner['swarm'], 'isWaitingForRoom' | 'isAtRest'>;
}

/** What all swarms of an agent take from. */
interface SharedRoom {
  readonly window: Pick<UploadWindow, 'usedBytes'>;
  readonly budget: Pick<ReceiveBudget, 'usedBytes' | 'requestedBytes' | 'waitMs'>;
}

/**
 * Which swarms wait for something that another swarm or time brings: room in the window and the budget, which is shared
 * by all, or a deadline. Of thousands of shares most wait for nothing, and cost nothing here.
 */
export class WaitingSwarms {
  readonly #clock: Clock;
  readonly #room: SharedRoom;
  readonly #forRoom = new Set<Waiter>();
  readonly #forTime = new Set<Waiter>();
  #isMakingRoom = false;
  #isAwaitingLimit = false;
  #cancelLimit: () => void = () => undefined;

  constructor(clock: Clock, room: SharedRoom) {
    this.#clock = clock;
    this.#room = room;
  }

  /** A swarm has handled an event: it may wait now, and others may have what they waited for. */
  handled(runner: Waiter): void {
    if (runner.swarm.isWaitingForRoom) this.#forRoom.add(runner);
    else this.#forRoom.delete(runner);
    if (!runner.isStopped) this.#forTime.add(runner);
    this.#makeRoom(runner);
    this.#awaitLimit();
  }

  /** We left a swarm. */
  forget(runner: Waiter): void {
    this.#forRoom.delete(runner);
    this.#forTime.delete(runner);
  }

  /** Time has passed. */
  tick(): void {
    for (const runner of [...this.#forTime]) {
      if (runner.swarm.isAtRest) this.#forTime.delete(runner);
      else runner.dispatch({ kind: 'tick' });
    }
  }

  stop(): void {
    this.#cancelLimit();
  }

  /** Room that one swarm leaves is taken by all that wait for some, in turns. */
  #makeRoom(maker: Waiter): void {
    const isAlone = this.#forRoom.size <= (this.#forRoom.has(maker) ? 1 : 0);
    if (this.#isMakingRoom || isAlone) return;
    this.#isMakingRoom = true;
    for (let takenBytes = -1; takenBytes !== this.#takenBytes;) {
      takenBytes = this.#takenBytes;
      for (const runner of [...this.#forRoom]) runner.dispatch({ kind: 'room-made' });
    }
    this.#isMakingRoom = false;
  }

  get #takenBytes(): number {
    const { window, budget } = this.#room;
    return window.usedBytes + budget.usedBytes + budget.requestedBytes;
  }

  /** When the download limit is what swarms wait for, they go on as soon as it allows more. */
  #awaitLimit(): void {
    const waitMs = this.#room.budget.waitMs(this.#clock.now());
    if (this.#isAwaitingLimit || waitMs === 0 || this.#forRoom.size === 0) return;
    this.#isAwaitingLimit = true;
    this.#cancelLimit = this.#clock.setTimer(waitMs, () => {
      this.#isAwaitingLimit = false;
      for (const runner of [...this.#forRoom]) runner.dispatch({ kind: 'room-made' });
    });
  }
}
