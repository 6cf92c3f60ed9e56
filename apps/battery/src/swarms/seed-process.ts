/** Plays the stories of every n-th seed in a process of its own, and tells its parent how each ended. */
import { play } from './play.ts';
import { tellStory } from './story.ts';

/** Which seeds: `first`, `first + step` and so on, `count` of them. */
export interface SeedOrder {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

process.once('message', (order: SeedOrder) => {
  void run(order);
});

async function run({ first, step, count }: SeedOrder): Promise<void> {
  for (let at = 0; at < count; at++) process.send?.(await play(tellStory(first + at * step)));
  process.disconnect();
}
