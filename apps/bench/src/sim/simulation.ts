import { boundMs, CoreWorld, Scenario, zeroShare, type HostOptions, type SimAgent } from '@shoal/engine/testing';

/** A swarm to simulate: one seeder and leechers on equal lines, who start together. */
export interface SwarmOrder {
  /** `core` is the core of each agent alone, `engine` all of it but sockets, disk and the tracker's program. */
  readonly depth: 'core' | 'engine';
  readonly seed: number;
  readonly leechers: number;
  readonly shareBytes: number;
  readonly pieceBytes: number;
  readonly line: HostOptions;
}

/** How a simulated swarm went. Times are multiples of the bound, on raw link rates. */
export interface SwarmOutcome {
  readonly finished: number;
  readonly ratios: readonly number[];
  readonly boundMs: number;
  readonly transcript: string;
  /** Links of a leecher, in the mean. */
  readonly links: number;
  /** What all leechers sent, headers included; undefined where nobody counted. */
  readonly sent: { readonly messages: number; readonly controlBytes: number; readonly blockBytes: number } | undefined;
  /** How often the seeder sent its share. */
  readonly seederCopies: number;
}

const DEADLINE_FACTOR = 20;

/** Runs a swarm to its end in virtual time; the same order has the same outcome. */
export function simulate(order: SwarmOrder): Promise<SwarmOutcome> {
  return order.depth === 'core' ? simulateCores(order) : simulateEngines(order);
}

async function simulateCores(order: SwarmOrder): Promise<SwarmOutcome> {
  const { seed, line } = order;
  const metainfo = zeroShare(order.shareBytes, order.pieceBytes);
  const swarm = new CoreWorld({ seed, metainfo, seeder: line, leechers: linesOf(order) });
  await swarm.run(DEADLINE_FACTOR * boundOf(order));
  const { leechers } = swarm;
  const sent = { messages: 0, controlBytes: 0, blockBytes: 0 };
  for (const [kind, { count, wireBytes }] of leechers.flatMap((leecher) => [...leecher.sent])) {
    if (kind === 'block') sent.blockBytes += wireBytes;
    else sent.controlBytes += wireBytes;
    sent.messages += kind === 'block' ? 0 : count;
  }
  return {
    ...timesOf(
      order,
      leechers.map(({ finishedMs }) => finishedMs),
    ),
    transcript: swarm.world.transcript,
    links: leechers.reduce((sum, { neighbourCount }) => sum + neighbourCount, 0) / leechers.length,
    sent,
    seederCopies: swarm.seeder.sentPayloadBytes / order.shareBytes,
  };
}

async function simulateEngines(order: SwarmOrder): Promise<SwarmOutcome> {
  const { seed, line, shareBytes, pieceBytes } = order;
  const scenario = new Scenario({ ...line, seed, shareBytes, pieceBytes });
  const seeder = await scenario.add({ has: 'all' });
  const leechers: SimAgent[] = [];
  for (let n = 0; n < order.leechers; n++) leechers.push(await scenario.add());
  await scenario.runUntilFinished(leechers, DEADLINE_FACTOR * boundOf(order));
  const linkCounts = leechers.map(({ engine }) => engine.snapshot().links.length);
  return {
    ...timesOf(
      order,
      leechers.map(({ finishedMs }) => finishedMs),
    ),
    transcript: scenario.world.transcript,
    links: linkCounts.reduce((sum, count) => sum + count, 0) / leechers.length,
    sent: undefined,
    seederCopies: scenario.snapshotOf(seeder).sentBytes / shareBytes,
  };
}

function linesOf({ leechers, line }: SwarmOrder): HostOptions[] {
  return Array.from({ length: leechers }, () => line);
}

function boundOf(order: SwarmOrder): number {
  return boundMs(order.shareBytes, order.line, linesOf(order));
}

function timesOf(order: SwarmOrder, finishedMs: readonly (number | undefined)[]) {
  const bound = boundOf(order);
  return {
    finished: finishedMs.filter((ms) => ms !== undefined).length,
    ratios: finishedMs.map((ms) => (ms ?? Number.POSITIVE_INFINITY) / bound),
    boundMs: bound,
  };
}
