import { LIMITS, parseFromAgent, toBase64, type SwarmReport } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { reportLots } from '../src/report-lots.ts';
import { A, report } from './sessions.ts';

/** Throws where the tracker would refuse the message. */
function read(lots: readonly (readonly SwarmReport[])[]): SwarmReport[] {
  return lots.flatMap((swarms) => {
    const message = parseFromAgent(JSON.stringify({ kind: 'report', swarms }));
    return message.kind === 'report' ? message.swarms : [];
  });
}

describe('reports', () => {
  it('of nothing are no message', () => {
    expect(reportLots([])).toEqual([]);
  });

  it('that are few are one message', () => {
    expect(reportLots([report(A), report(A)])).toHaveLength(1);
  });

  it('of many swarms are cut so that each message is taken', () => {
    const reports = Array.from({ length: 2_500 }, () => report(A));
    const lots = reportLots(reports);
    expect(read(lots)).toEqual(reports);
    expect(lots.length).toBeLessThan(6);
  });

  it('with the pieces of the largest share and every link are cut by their bytes', () => {
    const bits = toBase64(new Uint8Array(LIMITS.pieces / 8));
    const feeders = Array.from({ length: LIMITS.links }, () => [A as never, 2 ** 40] as const);
    const text = 'ß'.repeat(LIMITS.lastWordsLength);
    const problem = { code: 'disk-full', message: text, hint: text };
    const reports = Array.from({ length: 20 }, () => ({ ...report(A), pieces: { bits }, feeders, problem }));
    expect(read(reportLots(reports))).toEqual(reports);
  });
});
