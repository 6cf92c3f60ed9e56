/** What a line does to the bytes that it carries, beyond carrying them. */
export interface LineFault {
  /** How long each byte is on its way. */
  readonly latencyMs: number;
  readonly bytesPerSecond: number;
  /** How much is handed over at once. */
  readonly sliceBytes: number;
  /** How long the end of a connection is on its way, beyond the latency. */
  readonly slowCloseMs: number;
  /** Nothing is handed over, and nothing is lost: a cable that is pulled and put back before anybody gives up. */
  readonly isHeld: boolean;
  /** What comes is taken and thrown away, ends as well: neither side learns that the other is gone. It stays so for that connection. */
  readonly isBlackHole: boolean;
}

/** Where a fault is felt; each is everywhere when absent. */
export interface LineAim {
  readonly towards?: 'target' | 'caller';
  /** Which connections, by their number: the first is 0. */
  readonly only?: (connection: number) => boolean;
}

const NO_FAULT: LineFault = {
  latencyMs: 0,
  bytesPerSecond: Infinity,
  sliceBytes: Infinity,
  slowCloseMs: 0,
  isHeld: false,
  isBlackHole: false,
};

/** Several faults at one place: the worst of each kind. */
export function worstOf(faults: readonly Partial<LineFault>[]): LineFault {
  return faults.reduce<LineFault>(
    (worst, fault) => ({
      latencyMs: Math.max(worst.latencyMs, fault.latencyMs ?? 0),
      bytesPerSecond: Math.min(worst.bytesPerSecond, fault.bytesPerSecond ?? Infinity),
      sliceBytes: Math.min(worst.sliceBytes, fault.sliceBytes ?? Infinity),
      slowCloseMs: Math.max(worst.slowCloseMs, fault.slowCloseMs ?? 0),
      isHeld: worst.isHeld || fault.isHeld === true,
      isBlackHole: worst.isBlackHole || fault.isBlackHole === true,
    }),
    NO_FAULT,
  );
}
