import { describe, expect, it } from 'vitest';
import {
  chooseEndGameOffer,
  chooseOffer,
  type EndGameReceiver,
  type Receiver,
  type UploadView,
} from '../../src/core/upload-scheduler.ts';

/** A receiver that has some pieces and was promised others. */
class FakeReceiver implements EndGameReceiver {
  readonly name: string;
  loadBytes = 0;
  wantedFirst: readonly number[] = [];
  readonly claimed = new Set<number>();
  readonly promises = new Map<number, number>();

  constructor(name: string, pieces: readonly number[] = []) {
    this.name = name;
    for (const piece of pieces) this.claimed.add(piece);
  }

  get claimedCount(): number {
    return this.claimed.size;
  }

  lacks(piece: number): boolean {
    return !this.claimed.has(piece);
  }
}

const EQUALLY_RARE = (): number => 0;

function aView<R extends Receiver>(receivers: readonly R[], change: Partial<UploadView<R>> = {}): UploadView<R> {
  return {
    pieceBytes: 1,
    receivers,
    get rarestFirst() {
      const pieces = [0, 1, 2, 3, 4, 5].filter((piece) => this.has(piece));
      return pieces.sort((a, b) => this.rarity(a) - this.rarity(b));
    },
    has: () => true,
    rarity: EQUALLY_RARE,
    chance: () => 0,
    ...change,
  };
}

/** The choice in a few words: who gets what. */
function choose(receivers: readonly FakeReceiver[], change: Partial<UploadView<FakeReceiver>> = {}): string {
  const choice = chooseOffer(aView(receivers, change));
  return choice === undefined ? 'nothing' : `${choice.receiver.name} gets ${String(choice.piece)}`;
}

describe('the piece', () => {
  it('is the rarest', () => {
    expect(choose([new FakeReceiver('anne')], { rarity: (piece) => [3, 2, 4, 1, 5, 2][piece] ?? 0 })).toBe(
      'anne gets 3',
    );
  });

  it('is one that we have', () => {
    const rarity = (piece: number): number => [3, 2, 4, 1, 5, 2][piece] ?? 0;
    expect(choose([new FakeReceiver('anne')], { rarity, has: (piece) => piece !== 3 })).toBe('anne gets 1');
  });

  it('is one that the receiver lacks and was not promised', () => {
    expect(choose([new FakeReceiver('anne', [0, 1, 2, 4, 5])])).toBe('anne gets 3');
  });

  it('is none when nobody lacks anything that we have', () => {
    expect(choose([])).toBe('nothing');
    expect(choose([new FakeReceiver('anne', [0, 1])], { has: (piece) => piece < 2 })).toBe('nothing');
  });

  it('is what the receiver asked for before all others, most wanted first, rare or not', () => {
    const anne = new FakeReceiver('anne', [5]);
    anne.wantedFirst = [5, 4, 1];
    const rarity = (piece: number): number => (piece === 4 ? 9 : 0);
    expect(choose([anne], { rarity })).toBe('anne gets 4');
    expect(choose([anne], { rarity, has: (piece) => piece < 4 })).toBe('anne gets 1');
    anne.claimed.add(4).add(1);
    expect(choose([anne], { rarity })).toBe('anne gets 0');
  });
});

describe('the receiver', () => {
  it('is the one that we load least', () => {
    const [anne, bert] = [new FakeReceiver('anne'), new FakeReceiver('bert', [0, 1])];
    anne.loadBytes = 1;
    expect(choose([anne, bert])).toBe('bert gets 2');
  });

  it('is the one with the fewest pieces, of those that we load equally', () => {
    const [anne, bert, cleo] = [
      new FakeReceiver('anne', [3, 4]),
      new FakeReceiver('bert', [5]),
      new FakeReceiver('cleo', [3, 4, 5]),
    ];
    for (const receivers of [
      [anne, bert, cleo],
      [cleo, bert, anne],
      [bert, anne, cleo],
      [anne, cleo, bert],
    ]) {
      expect(choose(receivers)).toBe('bert gets 0');
    }
  });

  it('is the next one when the first lacks nothing', () => {
    const [anne, bert] = [new FakeReceiver('anne', [0, 1, 2, 3, 4, 5]), new FakeReceiver('bert', [0])];
    bert.loadBytes = 5;
    expect(choose([anne, bert])).toBe('bert gets 1');
  });

  it.each([
    { count: 8, expected: 'number 0 gets 0' },
    { count: 40, expected: 'number 3 gets 0' },
  ])('of $count is by chance one that has little more than another, where there are many', ({ count, expected }) => {
    const receivers = Array.from({ length: count }, (_, at) => new FakeReceiver(`number ${String(at)}`));
    for (const receiver of receivers.slice(1)) receiver.claimed.add(5);
    let asked = 0;
    expect(choose(receivers, { chance: () => (asked++ === 3 ? 0 : 0.9) })).toBe(expected);
  });

  it('is the one that we load least, whatever chance says', () => {
    const receivers = Array.from({ length: 40 }, (_, at) => new FakeReceiver(`number ${String(at)}`));
    for (const receiver of receivers.slice(1)) receiver.loadBytes = 1;
    let asked = 0;
    expect(choose(receivers, { chance: () => (asked++ === 0 ? 0.99 : 0) })).toBe('number 0 gets 0');
  });

  it('is any of those that we load equally, if only it lacks the rarest piece', () => {
    const [anne, bert] = [new FakeReceiver('anne', [3]), new FakeReceiver('bert', [0, 1])];
    expect(choose([anne, bert], { rarity: (piece) => (piece === 3 ? 0 : 1) })).toBe('bert gets 3');
  });
});

describe('rarity, load and progress', () => {
  it('weigh against each other: one more holder as two pieces under way', () => {
    const [anne, bert] = [new FakeReceiver('anne', [0]), new FakeReceiver('bert', [1])];
    const rarity = (piece: number): number => (piece === 0 ? 0 : 1);
    bert.loadBytes = 1;
    expect(choose([anne, bert], { rarity })).toBe('bert gets 0');
    bert.loadBytes = 3;
    expect(choose([anne, bert], { rarity })).toBe('anne gets 1');
  });

  it('let a wanted piece go before the rarest until its receiver waits for a few more than the others', () => {
    const [anne, bert] = [new FakeReceiver('anne'), new FakeReceiver('bert', [0])];
    bert.wantedFirst = [5];
    bert.loadBytes = 3;
    expect(choose([anne, bert])).toBe('bert gets 5');
    bert.loadBytes = 5;
    expect(choose([anne, bert])).toBe('anne gets 0');
  });
});

describe('a source', () => {
  it('sends nothing twice before it has sent everything once', () => {
    const receivers = ['anne', 'bert', 'cleo'].map((name) => new FakeReceiver(name));
    const sent: number[] = Array.from({ length: 6 }, () => 0);
    const view = aView(receivers, {
      rarity: (piece) => receivers.filter((receiver) => receiver.claimed.has(piece)).length,
    });
    for (let offer = 1; offer <= 18; offer++) {
      const choice = chooseOffer(view)!;
      sent[choice.piece]!++;
      choice.receiver.claimed.add(choice.piece);
      choice.receiver.loadBytes++;
      expect(Math.max(...sent) - Math.min(...sent), `after ${offer} offers`).toBeLessThanOrEqual(1);
    }
    expect(chooseOffer(view)).toBeUndefined();
    expect(receivers.map(({ loadBytes }) => loadBytes)).toEqual([6, 6, 6]);
  });
});

describe('the end game', () => {
  const aReceiver = (name: string, promises: Record<number, number>): FakeReceiver => {
    const receiver = new FakeReceiver(name);
    for (const [piece, sinceMs] of Object.entries(promises)) receiver.promises.set(Number(piece), sinceMs);
    return receiver;
  };
  const chooseLate = (receivers: FakeReceiver[], has: (piece: number) => boolean, beforeMs: number): string => {
    const choice = chooseEndGameOffer(receivers, has, beforeMs);
    return choice === undefined ? 'nothing' : `${choice.receiver.name} gets ${String(choice.piece)}`;
  };

  it('keeps the promise of somebody else that has waited longest', () => {
    const receivers = [aReceiver('anne', { 1: 50, 2: 30 }), aReceiver('bert', { 3: 40 })];
    expect(chooseLate(receivers, () => true, 1_000)).toBe('anne gets 2');
  });

  it('leaves a promise alone that is still young', () => {
    expect(chooseLate([aReceiver('anne', { 1: 50 })], () => true, 50)).toBe('nothing');
    expect(chooseLate([aReceiver('anne', { 1: 50 })], () => true, 51)).toBe('anne gets 1');
  });

  it('promises only what we have', () => {
    expect(chooseLate([aReceiver('anne', { 1: 30, 2: 50 })], (piece) => piece === 2, 1_000)).toBe('anne gets 2');
  });

  it('adds nothing to a receiver that we are sending to already', () => {
    const anne = aReceiver('anne', { 1: 50 });
    anne.loadBytes = 1;
    expect(chooseLate([anne], () => true, 1_000)).toBe('nothing');
  });
});
