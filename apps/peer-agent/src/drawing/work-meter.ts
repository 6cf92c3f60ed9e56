import type { Output } from './output.ts';
import { drawWorkLine } from './transfer-lines.ts';

const REDRAW_MS = 100;

/**
 * Shows work on local files as a live line.
 * @param what being done, and to what: `hashing`, `photos`
 * @returns tells how far it is; and takes the line away again
 */
export function meterWork(
  output: Output,
  what: string,
  name: string,
): { readonly onProgress: (doneBytes: number, totalBytes: number) => void; readonly end: () => void } {
  const startMs = performance.now();
  let drawnMs = 0;
  return {
    onProgress: (doneBytes, totalBytes) => {
      const nowMs = performance.now();
      if (!output.isLive || nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      const bytesPerSecond = doneBytes / Math.max(0.001, (nowMs - startMs) / 1000);
      output.live(what, [drawWorkLine({ what, name, doneBytes, totalBytes, bytesPerSecond }, output.liveFrame)]);
    },
    end: () => {
      output.live(what, []);
    },
  };
}
