import { afterEach, beforeEach } from 'vitest';
import { Machine, Sandbox, type NetworkNamespace } from '@shoal/testbed';

/** What a test of whole programs works in. */
export interface Scene {
  /** A computer of its own, with nothing on it. */
  machine(name: string, network?: NetworkNamespace): Promise<Machine>;
}

/** Gives each test of the file that calls this a scene, and clears it afterwards, whatever is still running. */
export function useScene(): Scene {
  let sandbox: Sandbox | undefined;
  beforeEach(async () => {
    sandbox = await Sandbox.create();
  });
  afterEach(() => sandbox?.clear());
  return {
    machine(name, network) {
      if (!sandbox) throw new Error('a machine is for a test to ask for');
      return Machine.create(sandbox, name, network);
    },
  };
}
