import { toVisible } from '@shoal/protocol';
import { useRef } from 'react';
import { drawCount } from '../drawing/units.ts';
import type { SharePicture } from '../state/share-picture.ts';
import { findStalls, type Stall } from '../state/stalls.ts';

const MOST = 8;
const EVERY_MS = 1_000;

/** Who is stuck, and why; nothing where nobody is. */
export function StallList({ share }: { share: SharePicture }) {
  const stalls = useSettled(share);
  return (
    <div role="status" aria-label="Stalls">
      {stalls.length > 0 && (
        <section className="panel stalls" aria-labelledby="stalls">
          <h2 id="stalls">Stalled</h2>
          <ul>
            {stalls.slice(0, MOST).map((stall) => (
              <li key={stall.text}>
                {stall.text}
                {stall.kind === 'failed' && stall.machine.problem !== undefined && (
                  <small>{toVisible(stall.machine.problem.hint)}</small>
                )}
              </li>
            ))}
          </ul>
          {stalls.length > MOST && <p className="hint">And {drawCount(stalls.length - MOST, 'other')}.</p>}
        </section>
      )}
    </div>
  );
}

/** The stalls, looked for once a second. */
function useSettled(share: SharePicture): readonly Stall[] {
  const last = useRef<{ atMs: number; share: SharePicture; stalls: readonly Stall[] }>(undefined);
  const nowMs = performance.now();
  if (last.current === undefined || (last.current.share !== share && nowMs - last.current.atMs >= EVERY_MS)) {
    last.current = { atMs: nowMs, share, stalls: findStalls(share) };
  }
  return last.current.stalls;
}
