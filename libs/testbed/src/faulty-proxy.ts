import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultyLane } from './faulty-lane.ts';
import { worstOf, type LineAim, type LineFault } from './line-fault.ts';

/** Where a proxy leads, and how it draws. */
export interface FaultyProxyPlan {
  readonly target: { readonly host: string; readonly port: number };
  /** Uniform in [0, 1), for what happens by chance. */
  readonly chance?: () => number;
}

/** Which of the connections that come from now on are reset, and when. */
export interface Resets {
  /** Of 1. */
  readonly share: number;
  /** A connection is reset after a random number of bytes below this, in both directions together; 0 refuses it. */
  readonly withinBytes: number;
}

interface Connection {
  readonly number: number;
  readonly sockets: readonly Socket[];
  readonly lanes: readonly FaultyLane[];
}

interface Rule {
  readonly fault: Partial<LineFault>;
  readonly aim: LineAim;
}

const HOST = '127.0.0.1';

/**
 * A TCP proxy on loopback that does to connections what networks do: who is to feel it dials the proxy in place of its
 * target. Without faults it carries everything, and lets both sides feel how fast the other reads.
 */
export class FaultyProxy {
  readonly #plan: FaultyProxyPlan;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  /** Who dialled into a black hole: nobody was told of it. */
  readonly #swallowed = new Set<Socket>();
  readonly #rules = new Set<Rule>();
  #resets: Resets = { share: 0, withinBytes: 0 };
  #connectionCount = 0;
  #resetCount = 0;

  private constructor(plan: FaultyProxyPlan) {
    this.#plan = plan;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
      this.#accept(caller);
    });
  }

  static async start(plan: FaultyProxyPlan): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(plan);
    proxy.#server.listen(0, HOST);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get host(): string {
    return HOST;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many have dialled so far. */
  get connectionCount(): number {
    return this.#connectionCount;
  }

  /** How many of them were reset by chance so far. */
  get resetCount(): number {
    return this.#resetCount;
  }

  /**
   * Lays a fault on connections, those that stand and those that come.
   * @returns lifts it again
   */
  lay(fault: Partial<LineFault>, aim: LineAim = {}): () => void {
    const rule = { fault, aim };
    this.#rules.add(rule);
    this.#pump();
    return () => {
      this.#rules.delete(rule);
      this.#pump();
    };
  }

  /** Resets a share of the connections that come from now on, in place of what was said before. */
  resetSome(resets: Resets): void {
    this.#resets = resets;
  }

  /** Ends connections in order, with a FIN to both sides. */
  cut(only: LineAim['only'] = everyone): void {
    for (const socket of this.#socketsOf(only)) socket.destroySoon();
  }

  /** Resets connections, with a RST to both sides. */
  reset(only: LineAim['only'] = everyone): void {
    for (const socket of this.#socketsOf(only)) socket.resetAndDestroy();
  }

  /** Closes everything; resolves when nothing is left open. May be called again. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of [...this.#socketsOf(everyone), ...this.#swallowed]) socket.destroy();
    await closed;
  }

  #accept(caller: Socket): void {
    const number = this.#connectionCount++;
    caller.on('error', ignore);
    const budgetBytes = this.#budgetOfNext();
    if (budgetBytes === 0) {
      this.#resetCount++;
      caller.resetAndDestroy();
    } else if (this.#faultOf(number, 'target').isBlackHole && this.#faultOf(number, 'caller').isBlackHole) {
      this.#swallowed.add(caller.resume());
      caller.once('close', () => this.#swallowed.delete(caller));
    } else {
      this.#carry(number, caller, budgetBytes);
    }
  }

  #carry(number: number, caller: Socket, budgetBytes: number): void {
    const target = connect({ ...this.#plan.target, allowHalfOpen: true, noDelay: true });
    target.on('error', ignore);
    let leftBytes = budgetBytes;
    const lane = (from: Socket, to: Socket, towards: 'target' | 'caller'): FaultyLane =>
      new FaultyLane(from, to, {
        fault: () => this.#faultOf(number, towards),
        onBytes: (count) => {
          const hadSome = leftBytes > 0;
          leftBytes -= count;
          if (leftBytes > 0 || !hadSome) return;
          this.#resetCount++;
          this.reset((each) => each === number);
        },
      });
    const lanes = [lane(caller, target, 'target'), lane(target, caller, 'caller')];
    const connection = { number, sockets: [caller, target], lanes };
    this.#connections.add(connection);
    for (const socket of connection.sockets) {
      socket.once('close', () => {
        if (connection.sockets.every(({ destroyed }) => destroyed)) this.#connections.delete(connection);
      });
    }
  }

  /** How many bytes the next connection may carry until it is reset. */
  #budgetOfNext(): number {
    const { share, withinBytes } = this.#resets;
    const chance = this.#plan.chance ?? Math.random;
    return share > 0 && chance() < share ? Math.floor(chance() * withinBytes) : Infinity;
  }

  #faultOf(connection: number, towards: 'target' | 'caller'): LineFault {
    const rules = [...this.#rules].filter(
      ({ aim }) => (aim.towards ?? towards) === towards && (aim.only ?? everyone)(connection),
    );
    return worstOf(rules.map(({ fault }) => fault));
  }

  #socketsOf(only: (connection: number) => boolean): Socket[] {
    return [...this.#connections].filter(({ number }) => only(number)).flatMap(({ sockets }) => sockets);
  }

  #pump(): void {
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.pump();
  }
}

function everyone(): boolean {
  return true;
}

function ignore(): void {
  // The other side of the connection is told by its lane.
}
