import { expect } from 'vitest';
import { ShoalError, type ErrorCode } from '../src/errors.ts';

/** Runs what must fail, checks the code, and returns the error. */
export function expectError(code: ErrorCode, run: () => unknown): ShoalError {
  let outcome: unknown;
  try {
    outcome = run();
  } catch (error) {
    expect(error).toBeInstanceOf(ShoalError);
    const failure = error as ShoalError;
    expect(failure.code, failure.message).toBe(code);
    return failure;
  }
  throw new Error(`expected ${code}, got ${JSON.stringify(outcome)}`);
}
