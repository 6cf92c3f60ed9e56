import type { ClientRequest } from 'node:http';
import { isIPv6 } from 'node:net';
import {
  isLoopback,
  LIMITS,
  parsePeerMessage,
  PEER_PATH,
  PEER_SUBPROTOCOL,
  type PeerAddress,
  type PeerId,
} from '@shoal/protocol';
import { WebSocket, type RawData } from 'ws';
import { plainAddress } from './core/contact.ts';
import type { ProbeResult, Reachability } from './core/whereabouts.ts';

const NORMAL_CLOSURE = 1000;
const CLOSE_MS = 1_000;
/** An agent all of whose links are taken answers so. */
const SERVICE_UNAVAILABLE = 503;

const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: LIMITS.controlMessageBytes,
  maxFragments: LIMITS.messageFragments,
  maxBufferedChunks: LIMITS.messageFragments,
  closeTimeout: CLOSE_MS,
};

/** What one address turned out to be: the agent, something that could not say who it is, or nothing of use. */
type Answer = 'agent' | 'unclear' | 'nothing';

/**
 * Finds out where agents accept links: opens one, hears whose hello comes, and leaves without a word of its own. Only so
 * many agents are visited at once, the others wait.
 */
export class Probe implements Reachability {
  readonly #atOnce: number;
  readonly #sockets = new Set<WebSocket>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #isStopped = false;

  constructor(atOnce: number = LIMITS.probesAtOnce) {
    this.#atOnce = atOnce;
  }

  async probe(peerId: PeerId, addresses: readonly PeerAddress[]): Promise<ProbeResult> {
    if (this.#running < this.#atOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#visitAll(peerId, addresses);
    } finally {
      // Whoever has waited longest takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** Gives up all attempts, those that wait included. */
  stop(): void {
    this.#isStopped = true;
    for (const socket of this.#sockets) socket.terminate();
  }

  /** All addresses are tried at once, so that one where nobody answers takes no time from the next; the order still counts. */
  async #visitAll(peerId: PeerId, addresses: readonly PeerAddress[]): Promise<ProbeResult> {
    if (this.#isStopped) return 'unreachable';
    const visits = addresses.map((at) => ({ at, answer: this.#visit(peerId, at) }));
    let isUnclear = false;
    for (const { at, answer } of visits) {
      const found = await answer;
      if (found === 'agent') return { at };
      isUnclear ||= found === 'unclear';
    }
    return isUnclear ? 'undecided' : 'unreachable';
  }

  #visit(peerId: PeerId, { host, port }: PeerAddress): Promise<Answer> {
    const url = `ws://${isIPv6(host) ? `[${host}]` : host}:${String(port)}${PEER_PATH}`;
    if (!URL.canParse(url)) return Promise.resolve('nothing');
    return new Promise((resolve) => {
      let isConnected = false;
      const finishRequest = (request: ClientRequest): void => {
        request.once('socket', (tcp) => tcp.once('connect', () => (isConnected = true)));
        request.end();
      };
      const socket = new WebSocket(url, PEER_SUBPROTOCOL, { ...SOCKET_OPTIONS, finishRequest });
      this.#sockets.add(socket);
      const leave = (answer: Answer): void => {
        resolve(answer);
        socket.close(NORMAL_CLOSURE);
      };
      const timer = setTimeout(() => {
        resolve(isConnected ? 'unclear' : 'nothing');
        socket.terminate();
      }, LIMITS.probeMs);
      socket.on('upgrade', ({ socket: { remoteAddress = '' } }) => {
        // A name that leads to this machine's loopback is no address for others.
        if (!isLoopback(host) && isLoopback(plainAddress(remoteAddress))) socket.terminate();
      });
      socket.on('unexpected-response', (_request, { statusCode }) => {
        leave(statusCode === SERVICE_UNAVAILABLE ? 'unclear' : 'nothing');
      });
      socket.once('message', (data, isBinary) => {
        leave(!isBinary && isHelloOf(peerId, data) ? 'agent' : 'nothing');
      });
      socket.on('error', () => undefined);
      socket.once('close', () => {
        clearTimeout(timer);
        this.#sockets.delete(socket);
        resolve('nothing');
      });
    });
  }
}

function isHelloOf(peerId: PeerId, data: RawData): boolean {
  try {
    const message = parsePeerMessage(Buffer.isBuffer(data) ? data.toString() : '');
    return message.kind === 'hello' && message.peerId === peerId;
  } catch {
    return false;
  }
}
