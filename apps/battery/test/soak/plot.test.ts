import { describe, expect, it } from 'vitest';
import { seededChance } from '@shoal/engine/testing';
import { canBeKilled, Plot, restOf, seederOf, type Move } from '../../src/soak/plot.ts';

const cast = { agents: 5, shares: 8, holders: 3 };

function play(seed: number, moves = 2_000): { moves: readonly Move[]; toRest: readonly Move[] } {
  const plot = new Plot(cast, seededChance(seed));
  return { moves: Array.from({ length: moves }, () => plot.next()), toRest: plot.toRest() };
}

describe('at rest', () => {
  it('every share is held by its seeder and as many others as it is to be', () => {
    const holders = (share: number) => [0, 1, 2, 3, 4].filter((agent) => restOf(cast, agent).includes(share));
    for (let share = 0; share < cast.shares; share++) {
      expect(holders(share)).toHaveLength(cast.holders);
      expect(holders(share)).toContain(seederOf(cast, share));
    }
  });
});

describe('a plot', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(play(1)).toEqual(play(1));
    expect(play(1)).not.toEqual(play(2));
  });

  it('has all kinds of moves', () => {
    expect(new Set(play(1).moves.map(({ kind }) => kind))).toEqual(new Set(['join', 'leave', 'kill', 'return']));
  });

  it('asks nothing of who is away, and kills only those that may be', () => {
    const away = new Set<number>();
    for (const { kind, agent } of play(3).moves) {
      expect(away.has(agent)).toBe(kind === 'return');
      if (kind === 'kill') away.add(agent);
      if (kind === 'return') away.delete(agent);
      if (kind === 'kill') expect(canBeKilled(agent)).toBe(true);
      expect(away.size).toBeLessThanOrEqual(2);
    }
  });

  it('never has a seeder leave its share, and ends with everybody at rest', () => {
    const held = Array.from({ length: cast.agents }, (_, agent) => new Set(restOf(cast, agent)));
    const { moves, toRest } = play(4);
    for (const move of [...moves, ...toRest]) {
      if (move.kind === 'join') held[move.agent]!.add(move.share);
      if (move.kind !== 'leave') continue;
      expect(seederOf(cast, move.share)).not.toBe(move.agent);
      expect(held[move.agent]!.delete(move.share)).toBe(true);
    }
    for (const [agent, shares] of held.entries()) expect([...shares].sort()).toEqual(restOf(cast, agent));
  });
});
