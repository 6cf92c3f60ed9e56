import { describe, expect, it } from 'vitest';
import { WriteQueue } from '../../src/store/write-queue.ts';

const PATIENT_MS = 10_000;

describe('the write queue', () => {
  it('runs one write at a time, in order', async () => {
    const queue = new WriteQueue(() => false, PATIENT_MS);
    const trace: string[] = [];
    const write = (name: string) => async () => {
      trace.push(`${name} begins`);
      await Promise.resolve();
      trace.push(`${name} ends`);
    };
    await Promise.all([queue.run(write('one')), queue.run(write('two'))]);
    expect(trace).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  it('goes on after a write that failed', async () => {
    const queue = new WriteQueue(() => false, PATIENT_MS);
    const failed = queue.run(() => Promise.reject(new Error('no')));
    const next = queue.run(() => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });

  it('tries again what may pass, and nothing else', async () => {
    const queue = new WriteQueue((error) => error instanceof RangeError, PATIENT_MS);
    let attempts = 0;
    const result = await queue.run(() => {
      attempts++;
      return attempts < 3 ? Promise.reject(new RangeError()) : Promise.resolve('done');
    });
    expect([result, attempts]).toEqual(['done', 3]);
    await expect(queue.run(() => Promise.reject(new TypeError()))).rejects.toThrow(TypeError);
  });

  it('gives up when its patience is over', async () => {
    const queue = new WriteQueue(() => true, 0);
    await expect(queue.run(() => Promise.reject(new RangeError('busy')))).rejects.toThrow('busy');
  });

  it('is idle when the last write has ended', async () => {
    const queue = new WriteQueue(() => false, PATIENT_MS);
    let isDone = false;
    void queue.run(async () => {
      await Promise.resolve();
      isDone = true;
    });
    await queue.idle();
    expect(isDone).toBe(true);
  });
});
