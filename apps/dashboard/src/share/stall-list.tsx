import { toVisible } from '@shoal/protocol';
import { drawCount } from '../drawing/units.ts';
import type { SharePicture } from '../state/share-picture.ts';
import { useUnhurried } from '../page/use-unhurried.ts';
import { findStalls } from '../state/stalls.ts';

const MOST = 8;

/** Who is stuck, and why; nothing where nobody is. */
export function StallList({ share }: { share: SharePicture }) {
  const stalls = useUnhurried(share, findStalls);
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
