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
