import { join } from 'node:path';
import { build } from 'esbuild';
import type { Machine, Sandbox } from '@shoal/testbed';
import { CLOCK_JUMP_VARIABLE, FAULT_RULES_VARIABLE, type FaultRule } from './fault-rule.ts';

/** What can be done to the programs of a machine from inside, though they are the built ones. */
export class Faults {
  readonly #program: string;

  private constructor(program: string) {
    this.#program = program;
  }

  /** Makes the program that is loaded before the attacked one. */
  static async create(sandbox: Sandbox): Promise<Faults> {
    const outfile = join(sandbox.root, 'faults.cjs');
    const entryPoints = [join(import.meta.dirname, 'fault-program.ts')];
    await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node20.19' });
    return new Faults(outfile);
  }

  /** Programs that the machine starts from now on are struck by these rules, and by no others. */
  arm(machine: Machine, rules: readonly FaultRule[]): void {
    machine.setVariable('NODE_OPTIONS', `--require=${this.#program}`);
    machine.setVariable(FAULT_RULES_VARIABLE, JSON.stringify(rules));
  }

  /** Programs that the machine starts from now on let their wall clock jump: see `CLOCK_JUMP_VARIABLE`. */
  letClockJump(machine: Machine, file: string): void {
    this.arm(machine, []);
    machine.setVariable(CLOCK_JUMP_VARIABLE, file);
  }
}
