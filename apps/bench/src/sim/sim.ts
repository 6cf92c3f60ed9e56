import { InvalidArgumentError } from 'commander';
import { describeMachine } from '../machine.ts';
import type { Measurement } from '../measurement.ts';
import { depths, growth, krakenShape, largeShare } from './tables.ts';

const PEERS = [10, 30, 100, 300, 1_000, 3_000, 10_000];

/** Simulates ever larger swarms with the real core in virtual time. */
export const SIM: Measurement = {
  name: 'sim',
  summary: 'swarms of up to 10,000 peers in virtual time: time against the bound, cost per peer',
  options: (command) =>
    command
      .option('--peers <list>', 'how many leechers, separated by commas', listOfCounts, PEERS)
      .option('--seed <number>', 'which of many possible runs', Number, 1),
  async run({ values, print }) {
    const seed = Number(values.seed);
    const order = { seed, print, machine: describeMachine() };
    return [
      await growth(order, values.peers as readonly number[]),
      await largeShare(order),
      await krakenShape(order),
      await depths(order),
    ];
  },
};

function listOfCounts(text: string): number[] {
  const counts = text.split(',').map(Number);
  if (counts.some((count) => !Number.isSafeInteger(count) || count < 1)) {
    throw new InvalidArgumentError('must be whole numbers of at least 1, separated by commas');
  }
  return counts;
}
