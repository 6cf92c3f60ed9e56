import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NetworkLab, Sandbox } from '@shoal/testbed';
import { systemProgram } from '../rivals/installed.ts';
import { launch, type Host } from '../transfer-program.ts';
import type { SwarmSetting } from './bound.ts';

const execute = promisify(execFile);
const FLOW_SECONDS = 4;

/** Hosts with limited lines on one bridge; that of the tracker is not limited. */
export interface Town {
  readonly meeting: Placed;
  readonly seeder: Placed;
  readonly leechers: readonly Placed[];
  clear(): Promise<void>;
}

/** A host that has a network of its own. */
export type Placed = Required<Host>;

/** Gives every host a network namespace and an address, and limits both ends of its line. */
export async function buildTown({ leechers, up, seederUp, down }: SwarmSetting): Promise<Town> {
  const lab = new NetworkLab();
  const bridge = await lab.network('bridge');
  let hosts = 0;
  const place = async (name: string, rates: { up?: number; down?: number }): Promise<Placed> => {
    const network = await lab.namespace(name);
    const address = `10.78.0.${String(++hosts)}`;
    await network.join(bridge, `${address}/24`, rates);
    await network.routeBy('10.78.0.1').catch(() => undefined); // the first is its own gateway; others look for one
    return { name, address, network };
  };
  const meeting = await place('meeting', {});
  const seeder = await place('seeder', { up: seederUp, down });
  const all: Placed[] = [];
  for (let n = 1; n <= leechers; n++) all.push(await place(`leecher-${String(n)}`, { up, down }));
  return { meeting, seeder, leechers: all, clear: () => lab.clear() };
}

/** The payload that one plain TCP flow carries from one host to another, in bits a second; undefined without iperf3. */
export async function plainFlow(from: Placed, to: Placed): Promise<number | undefined> {
  const iperf = systemProgram('iperf3');
  if (iperf === undefined) return undefined;
  const sandbox = await Sandbox.create();
  try {
    const server = await launch(sandbox, to, {
      name: 'iperf3',
      file: iperf,
      args: ['-s', '-1', '-B', to.address, '--forceflush'],
    });
    await server.printed(/listening/);
    const args = ['-J', '-t', String(FLOW_SECONDS), '-c', to.address];
    const { stdout } = await execute(...from.network.launch(iperf, args));
    return Number(/"sum_received":[^}]*"bits_per_second":\s*([\d.]+)/.exec(stdout)?.[1]);
  } finally {
    await sandbox.clear();
  }
}
