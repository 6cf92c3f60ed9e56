/** Agents in networks of their own, made of network namespaces: who cannot be dialled downloads and serves all the same. */
import { agentStatusSchema, type AgentStatus } from '@shoal/protocol';
import {
  eventually,
  NetworkLab,
  sha256OfFile,
  writeSampleFile,
  type Machine,
  type NetworkNamespace,
} from '@shoal/testbed';
import { hasChromium, launchChromiumIn, watchedPage } from '@shoal/testbed/chromium';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useScene } from '../src/scene.ts';

const whyNot = await NetworkLab.whyNot();
const [TRACKER, PORT] = ['203.0.113.1', 7_100];
const URL = `http://${TRACKER}:8000`;
const FILE_BYTES = 3_000_000;

const scene = useScene();
let lab: NetworkLab;
let internet: NetworkNamespace;
let trackerMachine: Machine;
beforeEach(async () => {
  lab = new NetworkLab();
  internet = await lab.network('internet');
  trackerMachine = await place('tracker', internet, TRACKER);
  await trackerMachine.startTracker(8_000, '0.0.0.0');
});
afterEach(() => lab.clear());

/** A machine in a network. */
async function place(name: string, network: NetworkNamespace, address: string, router?: string): Promise<Machine> {
  const namespace = await lab.namespace(name);
  await namespace.join(network, `${address}/24`);
  if (router !== undefined) await namespace.routeBy(router);
  return scene.machine(name, namespace);
}

/** A network at somebody's home, behind a router that lets nobody in. */
async function home(outer: string): Promise<{ readonly lan: NetworkNamespace; readonly router: NetworkNamespace }> {
  const [lan, router] = [await lab.network(`lan-${outer}`), await lab.namespace(`router-${outer}`)];
  await router.join(lan, '192.168.77.1/24');
  await router.join(internet, `${outer}/24`);
  await router.masquerade('192.168.77.0/24');
  return { lan, router };
}

/** What the tracker of a machine's agent found out about it, once it has tried. */
async function seenByTracker(machine: Machine): Promise<AgentStatus['trackers'][number]> {
  return eventually(`the tracker to try ${machine.name}`, async () => {
    const { stdout } = await machine.run('status', '--json');
    return agentStatusSchema.parse(JSON.parse(stdout)).trackers.find(({ reachability }) => reachability !== 'unknown');
  });
}

/** One machine's agent shares a file, the other's downloads it; both say how the tracker sees them. */
async function exchange(seeder: Machine, leecher: Machine, seedersUrl = URL) {
  await writeSampleFile(seeder.path('film.bin'), FILE_BYTES);
  await seeder.run('share', 'film.bin', seedersUrl);
  const bySeeder = await seenByTracker(seeder);
  await leecher.run('download', seeder.path('film.bin.torrent'), '--tracker', URL);
  expect(await sha256OfFile(leecher.path('film.bin'))).toBe(await sha256OfFile(seeder.path('film.bin')));
  return { seeder: bySeeder, leecher: await seenByTracker(leecher) };
}

const title = `between networks${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`;
describe.skipIf(whyNot !== undefined)(title, () => {
  it.each(['seeder', 'leecher'])('a %s that lets nobody in exchanges a file with one that does', async (closed) => {
    const seeder = await place('seeder', internet, '203.0.113.5');
    const leecher = await place('leecher', internet, '203.0.113.6');
    await (closed === 'seeder' ? seeder : leecher).network?.refuseInbound();
    await Promise.all([seeder.startAgent(), leecher.startAgent()]);
    const seen = await exchange(seeder, leecher);
    expect(seen.seeder.reachability).toBe(closed === 'seeder' ? 'unreachable' : 'reachable');
    expect(seen.leecher.reachability).toBe(closed === 'leecher' ? 'unreachable' : 'reachable');
  });

  const inPage = `two that let nobody in do not meet, and the page says so${hasChromium ? '' : ' (skipped: there is no Chromium)'}`;
  it.skipIf(!hasChromium)(inPage, async () => {
    const seeder = await place('build-1', internet, '203.0.113.5');
    const leecher = await place('web-7', internet, '203.0.113.6');
    for (const machine of [seeder, leecher]) {
      machine.setVariable('SHOAL_NAME', machine.name);
      await machine.network?.refuseInbound();
    }
    await writeSampleFile(seeder.path('film.bin'), FILE_BYTES);
    await Promise.all([seeder.startAgent(), leecher.startAgent()]);
    await seeder.run('share', 'film.bin', URL);
    leecher.shoal('download', seeder.path('film.bin.torrent'), '--tracker', URL);
    const viewer = await place('viewer', internet, '203.0.113.7');
    const browser = await launchChromiumIn(viewer.network!, viewer.path('chromium'));
    try {
      const { page, troubles } = await watchedPage(browser);
      await page.goto(URL);
      await page.getByRole('link', { name: 'film.bin' }).click();
      await page.getByText(/^web-7 waits for pieces .*: only build-1 has them and it is unreachable$/).waitFor();
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
    }
  });

  it('two behind one NAT that nobody reaches find each other in their private network', async () => {
    const { lan } = await home('203.0.113.2');
    const seeder = await place('seeder', lan, '192.168.77.5', '192.168.77.1');
    const leecher = await place('leecher', lan, '192.168.77.6', '192.168.77.1');
    await Promise.all([seeder.startAgent(), leecher.startAgent()]);
    const seen = await exchange(seeder, leecher);
    expect([seen.seeder, seen.leecher]).toMatchObject([
      { observedHost: '203.0.113.2', reachability: 'unreachable' },
      { observedHost: '203.0.113.2', reachability: 'unreachable' },
    ]);
  });

  it('a seeder in a container on the machine of the tracker serves who comes from outside', async () => {
    // The tracker reaches 172.18.0.5, which is no address for anybody else: the container has to dial.
    const bridge = await lab.network('bridge');
    await trackerMachine.network?.join(bridge, '172.18.0.1/16');
    await trackerMachine.network?.masquerade('172.18.0.0/16');
    const seeder = await place('seeder', bridge, '172.18.0.5', '172.18.0.1');
    const leecher = await place('leecher', internet, '203.0.113.6');
    await Promise.all([seeder.startAgent(), leecher.startAgent()]);
    expect((await exchange(seeder, leecher)).seeder.reachableAt?.host).toBe('172.18.0.5');
  });

  it('a seeder that knows the tracker of its machine as localhost serves one that lets nobody in', async () => {
    const leecher = await place('leecher', internet, '203.0.113.6');
    await leecher.network?.refuseInbound();
    await Promise.all([trackerMachine.startAgent(), leecher.startAgent()]);
    const { seeder } = await exchange(trackerMachine, leecher, 'localhost:8000');
    expect(seeder).toMatchObject({ reachability: 'reachable', reachableAt: { host: '127.0.0.1' } });
  });

  it.each(['seeder', 'leecher'])(
    'a %s with a forwarded port that it advertises is reached from behind a NAT',
    async (open) => {
      const [here, there] = [await home('203.0.113.2'), await home('203.0.113.3')];
      await here.router.forwardPort({ host: '203.0.113.2', port: PORT }, { host: '192.168.77.5', port: 7_000 });
      const reachable = await place('reachable', here.lan, '192.168.77.5', '192.168.77.1');
      // The same private address as the other has: it means another machine here.
      const hidden = await place('hidden', there.lan, '192.168.77.5', '192.168.77.1');
      await reachable.startAgent('--port', '7000', '--advertise', `203.0.113.2:${PORT}`);
      await hidden.startAgent('--port', '7000');
      const seen = open === 'seeder' ? await exchange(reachable, hidden) : await exchange(hidden, reachable);
      const advertised = { reachability: 'reachable', reachableAt: { host: '203.0.113.2', port: PORT } };
      expect(open === 'seeder' ? seen.seeder : seen.leecher).toMatchObject(advertised);
      expect(open === 'seeder' ? seen.leecher : seen.seeder).toMatchObject({ reachability: 'unreachable' });
    },
  );
});
