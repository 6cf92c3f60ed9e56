import { LIMITS, type SwarmReport } from '@shoal/protocol';

/** What is around the list in a message, with room to spare. */
const FRAME_BYTES = 64;

/** Cuts reports into lists that each fit into a message of a session. */
export function reportLots(swarms: readonly SwarmReport[]): readonly (readonly SwarmReport[])[] {
  const lots: SwarmReport[][] = [];
  let lot: SwarmReport[] = [];
  let bytes = Infinity;
  for (const report of swarms) {
    const reportBytes = Buffer.byteLength(JSON.stringify(report)) + 1;
    const isFull = bytes + reportBytes > LIMITS.sessionMessageBytes || lot.length === LIMITS.announceSwarms;
    if (isFull) {
      lots.push((lot = []));
      bytes = FRAME_BYTES;
    }
    lot.push(report);
    bytes += reportBytes;
  }
  return lots;
}
