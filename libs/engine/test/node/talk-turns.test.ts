import { describe, expect, it } from 'vitest';
import { TalkAllowance, TalkTurns } from '../../src/node/talk-turns.ts';

/** An event loop of which the test makes the turns, and time that passes only where somebody works. */
class FakeLoop {
  nowMs = 1_000;
  #next: (() => void)[] = [];
  readonly now = (): number => this.nowMs;
  readonly turns = new TalkTurns({ now: this.now, nextTurn: (action) => this.#next.push(action) });

  turn(): void {
    for (const action of this.#next.splice(0)) action();
  }

  get isIdle(): boolean {
    return this.#next.length === 0;
  }

  /** A link that has so many messages to handle, each of which takes some time. */
  link(messages: number, msEach: number) {
    const link = {
      left: messages,
      goOn: (): boolean => {
        this.nowMs += msEach;
        return --link.left > 0;
      },
    };
    this.turns.wait(link);
    return link;
  }
}

describe('links that talk much', () => {
  it('get five milliseconds in each turn of the event loop, however many they are', () => {
    const loop = new FakeLoop();
    const links = Array.from({ length: 20 }, () => loop.link(100, 1));
    for (let turn = 1; turn <= 4; turn++) {
      loop.turn();
      expect(loop.nowMs).toBe(1_000 + 5 * turn);
    }
    expect(links.map(({ left }) => left)).toEqual(Array.from({ length: 20 }, () => 99));
  });

  it('take turns, a message each', () => {
    const loop = new FakeLoop();
    const [one, two] = [loop.link(10, 1), loop.link(10, 1)];
    loop.turn();
    expect([one.left, two.left]).toEqual([7, 8]);
    loop.turn();
    expect([one.left, two.left]).toEqual([5, 5]);
  });

  it('are done when nothing waits any more, and leave the event loop alone', () => {
    const loop = new FakeLoop();
    const link = loop.link(7, 1);
    loop.turn();
    loop.turn();
    expect(link.left).toBe(0);
    expect(loop.isIdle).toBe(true);
  });

  it('wait for nothing when they are closed', () => {
    const loop = new FakeLoop();
    const link = loop.link(7, 1);
    loop.turns.forget(link);
    loop.turn();
    expect(link.left).toBe(7);
    expect(loop.isIdle).toBe(true);
  });
});

describe('what a link may take of the thread', () => {
  const worksFor = (loop: FakeLoop, allowance: TalkAllowance, ms: number): void => {
    allowance.spend(() => (loop.nowMs += ms));
  };

  it('is used up by messages', () => {
    const loop = new FakeLoop();
    const allowance = new TalkAllowance(loop.now);
    worksFor(loop, allowance, 9);
    expect(allowance.isLeft).toBe(true);
    worksFor(loop, allowance, 1);
    expect(allowance.isLeft).toBe(false);
  });

  it('comes back slowly with time, and at once with payload', () => {
    const loop = new FakeLoop();
    const [idle, useful] = [new TalkAllowance(loop.now), new TalkAllowance(loop.now)];
    for (const allowance of [idle, useful]) worksFor(loop, allowance, 11);
    loop.nowMs += 200;
    worksFor(loop, idle, 0);
    expect(idle.isLeft).toBe(true);
    expect(useful.isLeft).toBe(false);
    useful.moved(1024 * 1024);
    expect(useful.isLeft).toBe(true);
  });

  it('is never owed for long, whatever was said', () => {
    const loop = new FakeLoop();
    const allowance = new TalkAllowance(loop.now);
    worksFor(loop, allowance, 5_000);
    loop.nowMs += 1_100;
    worksFor(loop, allowance, 0);
    expect(allowance.isLeft).toBe(true);
  });
});
