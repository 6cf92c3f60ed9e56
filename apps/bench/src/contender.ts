/** One way to move a file from one process to another on this machine. */
export interface Contender {
  readonly name: string;
  /** Moves the file once, from nothing to a copy that was checked, and cleans up. */
  run(file: SampleFile): Promise<Passage>;
}

/** The file that all contenders move. */
export interface SampleFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** How one run went. */
export interface Passage {
  /** From the order to receive until the whole copy was verified. */
  readonly milliseconds: number;
  /** Largest resident memory of each side; undefined where the system does not tell. */
  readonly senderPeakBytes: number | undefined;
  readonly receiverPeakBytes: number | undefined;
}

/**
 * Lets every contender move the file, one after the other, again and again, so that a slow minute of the machine falls
 * on all of them alike.
 * @returns the passages of each, in the order of the contenders
 */
export async function race(
  contenders: readonly Contender[],
  file: SampleFile,
  { runs, onPassage }: { runs: number; onPassage: (contender: Contender, passage: Passage) => void },
): Promise<Passage[][]> {
  const passages: Passage[][] = contenders.map(() => []);
  for (let run = 0; run < runs; run++) {
    for (const [index, contender] of contenders.entries()) {
      const passage = await contender.run(file);
      onPassage(contender, passage);
      passages[index]?.push(passage);
    }
  }
  return passages;
}
