/**
 * Lets every contender do the work, one after the other, again and again, so that a slow minute of the machine falls on
 * all of them alike.
 * @param work does it once and gives what was measured
 * @returns what was measured of each, in the order of the contenders
 */
export async function inTurns<C, R>(
  contenders: readonly C[],
  runs: number,
  work: (contender: C, run: number) => Promise<R>,
): Promise<R[][]> {
  const results: R[][] = contenders.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [at, contender] of contenders.entries()) results[at]?.push(await work(contender, run));
  }
  return results;
}
