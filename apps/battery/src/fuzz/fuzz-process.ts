/** Feeds one parser for a while, in a process of its own, and tells its parent what came of it. */
import fc from 'fast-check';
import { readCorpus } from './corpus.ts';
import { mutated } from './mutations.ts';
import { PARSERS, type ParserName } from './parsers.ts';

/** What to do: for how long, and where chance begins. */
export interface FuzzOrder {
  readonly parser: ParserName;
  readonly seed: number;
  readonly forMs: number;
}

/** What came of it. */
export interface FuzzReport {
  readonly parser: ParserName;
  readonly inputs: number;
  /** Inputs that were accepted, and read the same when they were written again. */
  readonly accepted: number;
  /** Processor time of the longest call: how busy the machine is does not count. */
  readonly slowestMs: number;
  /** What the heap has grown by since all was warm. */
  readonly grownBytes: number;
  /** The smallest input found that must not do what it does, in base64, and what it does. */
  readonly failure?: { readonly input: string; readonly what: string };
}

/** Before that, what grows is what any program needs. */
const WARM_PART = 0.2;

process.once('message', (order: FuzzOrder) => {
  void run(order);
});

async function run({ parser, seed, forMs }: FuzzOrder): Promise<void> {
  const corpus = await readCorpus(parser);
  const tally = { inputs: 0, accepted: 0, slowestMs: 0 };
  const feed = (bytes: Uint8Array): void => {
    const before = process.cpuUsage();
    const count = PARSERS[parser](bytes);
    const { user, system } = process.cpuUsage(before);
    tally.slowestMs = Math.max(tally.slowestMs, (user + system) / 1_000);
    tally.inputs++;
    if (count > 0) tally.accepted++;
  };
  const property = fc.property(mutated(corpus), feed);
  const check = (partMs: number, partSeed: number) =>
    fc.check(property, {
      seed: partSeed,
      numRuns: Number.MAX_SAFE_INTEGER,
      examples: corpus.map((bytes) => [bytes] as [Uint8Array]),
      interruptAfterTimeLimit: partMs,
      markInterruptAsFailure: false,
    });
  const warm = check(forMs * WARM_PART, seed);
  const warmBytes = heapBytes();
  const rest = warm.failed ? warm : check(forMs * (1 - WARM_PART), seed + 1);
  const [input] = rest.counterexample ?? [];
  const failure = input === undefined ? undefined : { input: base64(input), what: String(rest.errorInstance) };
  const report: FuzzReport = {
    parser,
    ...tally,
    grownBytes: heapBytes() - warmBytes,
    ...(failure !== undefined && { failure }),
  };
  process.send?.(report, () => {
    process.disconnect();
  });
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
