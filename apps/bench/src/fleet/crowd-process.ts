/**
 * Agents' sessions in a process of their own: each is in one swarm that moves, and reports as it is asked. What it costs to be
 * so many agents is not measured.
 */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Bitfield, parseFromTracker, SESSION_PATH, type FromAgent, type FromTracker } from '@shoal/protocol';
import { WebSocket } from 'ws';
import { peerIdOfAgent } from '../tracker/population.ts';
import { BENCH_PIECE_BYTES, BENCH_PIECES, type BenchShare } from './share.ts';

/** What the crowd is asked to be. */
export interface CrowdOrder {
  readonly port: number;
  readonly agents: number;
  /** The agents are in these, in turn. */
  readonly shares: readonly BenchShare['infoHash'][];
}

/** Bytes of reports that all agents have sent so far. */
export interface CrowdNews {
  readonly reportBytes: number;
}

const BATCH = 50;
const REPORT_MS = 1_000;
const PIECES_A_SECOND = 10;
let reportBytes = 0;

/** One agent: its bitfield fills, again and again. */
class CrowdAgent {
  readonly #socket: WebSocket;
  readonly #infoHash: BenchShare['infoHash'];
  #pieces = new Bitfield(BENCH_PIECES);
  #watch: Extract<FromTracker, { kind: 'watch' }> | undefined;
  #toldPieces = false;

  constructor(socket: WebSocket, infoHash: BenchShare['infoHash'], agent: number) {
    this.#socket = socket;
    this.#infoHash = infoHash;
    socket.on('message', (data: Buffer) => {
      const message = parseFromTracker(data.toString());
      if (message.kind === 'watch') this.#hear(message);
    });
    const hello = { kind: 'hello', version: 1, peerId: peerIdOfAgent(agent), port: 0, agent: 'bench/1' } as const;
    this.#say({ ...hello, name: `web-${String(agent)}` });
    this.#say({ kind: 'announce', swarms: [{ infoHash, left: this.#left }] });
  }

  /** A second passes, somewhere in it. */
  begin(): void {
    setTimeout(() => {
      setInterval(() => {
        this.#move();
      }, REPORT_MS);
    }, Math.random() * REPORT_MS);
  }

  get #left(): number {
    return (BENCH_PIECES - this.#pieces.count) * BENCH_PIECE_BYTES;
  }

  #hear(watch: Extract<FromTracker, { kind: 'watch' }>): void {
    this.#watch = watch;
    if (!watch.infoHashes.includes(this.#infoHash)) this.#toldPieces = false;
  }

  #move(): void {
    if (this.#pieces.isFull) {
      this.#pieces = new Bitfield(BENCH_PIECES);
      this.#toldPieces = false;
    }
    const gained = Array.from({ length: PIECES_A_SECOND }, (_, at) => this.#pieces.count + at);
    for (const piece of gained) this.#pieces.add(piece);
    const isWatched = this.#watch?.infoHashes.includes(this.#infoHash) === true;
    const pieces = this.#toldPieces ? { gained } : { bits: this.#pieces.toBase64() };
    this.#toldPieces = isWatched;
    const rate = PIECES_A_SECOND * BENCH_PIECE_BYTES;
    const stood = { left: this.#left, receivedBytesPerSecond: rate, sentBytesPerSecond: rate, secondsLeft: 60 };
    const detail = isWatched ? { pieces, feeders: [[peerIdOfAgent(0), rate] as const] } : {};
    const report = { infoHash: this.#infoHash, state: 'downloading' as const, ...stood, ...detail };
    // Written though nobody asks: agents elsewhere would not take the tracker's cores for it.
    const text = JSON.stringify({ kind: 'report', swarms: [report] } satisfies FromAgent);
    if (this.#watch?.isLookedAt !== true) return;
    this.#socket.send(text);
    reportBytes += text.length;
  }

  #say(message: FromAgent): void {
    this.#socket.send(JSON.stringify(message));
  }
}

async function enter({ port, shares }: CrowdOrder, agent: number): Promise<CrowdAgent> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${SESSION_PATH}`, { perMessageDeflate: false });
  await once(socket, 'open');
  const infoHash = shares[agent % shares.length];
  if (infoHash === undefined) throw new Error('there are no shares');
  return new CrowdAgent(socket, infoHash, agent);
}

async function play(order: CrowdOrder): Promise<void> {
  const agents: CrowdAgent[] = [];
  while (agents.length < order.agents) {
    const count = Math.min(BATCH, order.agents - agents.length);
    const batch = Array.from({ length: count }, (_, at) => enter(order, agents.length + at));
    agents.push(...(await Promise.all(batch)));
  }
  for (const agent of agents) agent.begin();
  for (;;) {
    process.send?.({ reportBytes } satisfies CrowdNews);
    await pause(REPORT_MS / 4);
  }
}

process.once('message', (order) => {
  void play(order as CrowdOrder);
});
process.once('disconnect', () => process.exit());
