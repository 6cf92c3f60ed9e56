/**
 * Networks inside this machine's kernel, for tests of who can dial whom: namespaces as machines and routers, joined by
 * bridges. Needs Linux, root, `ip` and `iptables`. Every lab has names of its own, and nothing of it stays behind.
 */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const BRIDGE = 'bridge';
/** How long a packet may wait in the queue of a line, about as in a router at home. */
const QUEUE = '50ms';

/** What may pass a machine's line to its network, in bits a second, each way; not limited where absent. */
export interface LineRates {
  readonly up?: number;
  readonly down?: number;
}

/** What has passed a machine's lines. */
export interface LineBytes {
  readonly sent: number;
  readonly received: number;
}

/** Networks and what is in them, until `clear`. */
export class NetworkLab {
  readonly #prefix = `shoal-${randomBytes(4).toString('hex')}`;
  readonly #namespaces: string[] = [];
  readonly #clearAtExit = (): void => {
    for (const name of this.#namespaces) execFileSync('ip', ['netns', 'delete', name]);
  };

  constructor() {
    process.once('exit', this.#clearAtExit);
  }

  /** Why this machine can have no lab, or none with lines of such rates; undefined when it can. */
  static async whyNot(rates: LineRates = {}): Promise<string | undefined> {
    const lab = new NetworkLab();
    try {
      const [network, router] = [await lab.network('test'), await lab.namespace('router')];
      await router.join(network, '192.0.2.1/24', rates);
      await router.masquerade('192.0.2.0/24');
      return undefined;
    } catch (error) {
      const [reason] = String(error).trim().split('\n').slice(-1);
      return `needs root, ip and iptables; ${reason}`;
    } finally {
      await lab.clear();
    }
  }

  /** A machine or router that is joined to nothing yet. */
  async namespace(name: string): Promise<NetworkNamespace> {
    const id = `${this.#prefix}-${name}`;
    await execute('ip', ['netns', 'add', id]);
    this.#namespaces.push(id);
    const namespace = new NetworkNamespace(id);
    await namespace.ip('link set lo up');
    return namespace;
  }

  /** A network that machines and routers can join. */
  async network(name: string): Promise<NetworkNamespace> {
    const network = await this.namespace(name);
    await network.ip(`link add ${BRIDGE} type bridge`);
    await network.ip(`link set ${BRIDGE} up`);
    return network;
  }

  /** Takes all of it down; programs that still run in it lose their network. */
  async clear(): Promise<void> {
    process.off('exit', this.#clearAtExit);
    for (const id of this.#namespaces.splice(0)) await execute('ip', ['netns', 'delete', id]);
  }
}

/** One machine's view of the network. */
export class NetworkNamespace {
  readonly #id: string;
  #interfaces = 0;

  /** @param id name in `ip netns` */
  constructor(id: string) {
    this.#id = id;
  }

  /** How to start a program in here. */
  launch(file: string, args: readonly string[]): readonly [file: string, args: readonly string[]] {
    return ['ip', ['netns', 'exec', this.#id, file, ...args]];
  }

  /** Runs `ip` in here; words are separated by spaces. */
  async ip(command: string): Promise<void> {
    await execute('ip', ['-n', this.#id, ...command.split(' ')]);
  }

  /**
   * Plugs into a network.
   * @param address as in `192.168.1.5/24`
   * @param rates of the line between the two, by a token bucket on either end
   */
  async join(network: NetworkNamespace, address: string, { up, down }: LineRates = {}): Promise<void> {
    const name = `eth${this.#interfaces++}`;
    const port = `port${network.#interfaces++}`;
    await this.ip(`link add ${name} type veth peer name ${port} netns ${network.#id}`);
    await network.ip(`link set ${port} master ${BRIDGE} up`);
    await this.ip(`address add ${address} dev ${name}`);
    await this.ip(`link set ${name} up`);
    if (up !== undefined) await this.#limit(name, up, '16kb');
    if (down !== undefined) await network.#limit(port, down, '32kb');
  }

  /** Gives this machine an address that only it can reach, beside that of its loopback. */
  async addInnerAddress(address: string): Promise<void> {
    await this.ip(`address add ${address}/32 dev lo`);
  }

  /** The bytes that have passed its lines so far, with the headers of Ethernet. */
  async lineBytes(): Promise<LineBytes> {
    const table = await this.#run('cat', '/proc/net/dev');
    const lines = [...table.matchAll(/^\s*eth\d+:\s*(.+)$/gm)].map(([, numbers = '']) =>
      numbers.split(/\s+/).map(Number),
    );
    const sum = (column: number): number => lines.reduce((total, line) => total + (line[column] ?? 0), 0);
    return { received: sum(0), sent: sum(8) };
  }

  /** Sends what is for other networks to a router. */
  async routeBy(router: string): Promise<void> {
    await this.ip(`route add default via ${router}`);
  }

  /** From now on whoever dials in hears nothing, as behind most firewalls. */
  async refuseInbound(): Promise<void> {
    await this.#firewall('--append INPUT --protocol tcp --syn ! --in-interface lo --jump DROP');
  }

  /** Routes for a private network under its own outer address, as a router at home does. */
  async masquerade(privateNetwork: string): Promise<void> {
    await this.#run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    const inward = `--destination ${privateNetwork}`;
    await this.#firewall(`--table nat --append POSTROUTING --source ${privateNetwork} ! ${inward} --jump MASQUERADE`);
  }

  /** Lets who dials the outer address at a port in, to a machine of the private network. */
  async forwardPort(outer: { host: string; port: number }, inner: { host: string; port: number }): Promise<void> {
    await this.#firewall(
      `--table nat --append PREROUTING --destination ${outer.host} --protocol tcp --dport ${outer.port} ` +
        `--jump DNAT --to-destination ${inner.host}:${inner.port}`,
    );
  }

  async #firewall(rule: string): Promise<void> {
    await this.#run('iptables', '--wait', ...rule.split(' '));
  }

  async #limit(device: string, bitsPerSecond: number, burst: string): Promise<void> {
    const rule = `dev ${device} root tbf rate ${bitsPerSecond}bit burst ${burst} latency ${QUEUE}`;
    await execute('tc', ['-n', this.#id, 'qdisc', 'add', ...rule.split(' ')]);
  }

  async #run(file: string, ...args: readonly string[]): Promise<string> {
    const [program, programArgs] = this.launch(file, args);
    return (await execute(program, programArgs)).stdout;
  }
}
