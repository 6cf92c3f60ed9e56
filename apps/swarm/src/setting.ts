/** Settings of a program of the test swarm, which only the environment sets. One that is wrong ends the program. */
import { writeSync } from 'node:fs';
import { ShoalError } from '@shoal/protocol';

const STDERR = 2;
/** As the tracker and the agent exit for a setting that is wrong. */
const WRONG_SETTING = 2;

/** A setting that must be there. */
export function requiredSetting(name: string): string {
  return optionalSetting(name) ?? end(`reading the environment: ${name} must be set`);
}

/** An empty variable counts as not set. */
export function optionalSetting(name: string): string | undefined {
  const value = process.env[name];
  return value === '' ? undefined : value;
}

/** A number between two others. */
export function numberSetting(name: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const text = requiredSetting(name);
  const value = Number(text);
  if (value >= min && value <= max) return value;
  return end(`reading ${name} "${text}": it must be a number from ${min} to ${max}`);
}

function end(message: string): never {
  const { code, hint } = new ShoalError('bad-config', message);
  writeSync(STDERR, `${message} (${code}). ${hint}\n`);
  process.exit(WRONG_SETTING);
}
