/**
 * Does something with every item, with so many under way at once, one in each lane; results in the order of the items.
 */
export async function inLanes<T, R>(
  items: readonly T[],
  lanes: number,
  action: (item: T, lane: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.entries();
  const work = async (lane: number): Promise<void> => {
    for (const [at, item] of queue) results[at] = await action(item, lane);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  return results;
}
