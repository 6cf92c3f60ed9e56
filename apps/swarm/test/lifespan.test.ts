import { describe, expect, it } from 'vitest';
import { lifespanOf } from '../src/lifespan.ts';

describe('a life of random length', () => {
  it('lies between the two numbers and ends by one of two signals', () => {
    expect(lifespanOf('20-60', () => 0)).toEqual({ seconds: 20, signal: 'SIGTERM' });
    expect(lifespanOf('20-60', () => 0.999)).toEqual({ seconds: 60, signal: 'SIGKILL' });
  });

  it.each(['', '20', '60-20', 'a-b', '1-2-3', '-5-10'])('is not drawn from "%s"', (range) => {
    expect(() => lifespanOf(range, () => 0)).toThrow(expect.objectContaining({ code: 'bad-config' }));
  });
});
