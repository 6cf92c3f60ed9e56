import { NetworkLab } from '@shoal/testbed';
import type { Host } from '../transfer-program.ts';

/** Hosts that reach each other over loopback, each with an address of its own. */
export interface Loopback {
  readonly meeting: Host;
  readonly seeder: Host;
  readonly leechers: readonly Host[];
  /** Whether the addresses are not those of 127.0.0.0/8, which some programs dial nobody at. */
  readonly isOrdinary: boolean;
  clear(): Promise<void>;
}

/** With root a network namespace whose loopback owns ordinary addresses, otherwise this machine's own loopback. */
export async function openLoopback(leechers: number): Promise<Loopback> {
  const isOrdinary = (await NetworkLab.whyNot()) === undefined;
  const lab = new NetworkLab();
  const network = isOrdinary ? await lab.namespace('loopback') : undefined;
  const prefix = isOrdinary ? '10.77.0' : '127.0.0';
  let hosts = 0;
  const place = async (name: string): Promise<Host> => {
    const address = `${prefix}.${++hosts}`;
    await network?.addInnerAddress(address);
    return { name, address, ...(network && { network }) };
  };
  const [meeting, seeder] = [await place('meeting'), await place('seeder')];
  const others: Host[] = [];
  for (let n = 1; n <= leechers; n++) others.push(await place(`leecher-${n}`));
  return { meeting, seeder, leechers: others, isOrdinary, clear: () => lab.clear() };
}
