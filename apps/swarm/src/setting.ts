import { ShoalError } from '@shoal/protocol';

/**
 * A setting of a program of the test swarm, which only the environment sets.
 * @throws ShoalError `bad-config` when it is missing
 */
export function requiredSetting(name: string): string {
  const value = optionalSetting(name);
  if (value !== undefined) return value;
  throw new ShoalError('bad-config', `reading the environment: ${name} must be set`);
}

/** An empty variable counts as not set. */
export function optionalSetting(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/**
 * A number between two others.
 * @throws ShoalError `bad-config`
 */
export function numberSetting(name: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const text = requiredSetting(name);
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw new ShoalError('bad-config', `reading ${name} "${text}": it must be a number from ${min} to ${max}`);
}
