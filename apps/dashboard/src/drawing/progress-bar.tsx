import { drawPercent } from './units.ts';

/** How much of something is there: a bar and the number. `part` in [0, 1]. */
export function ProgressBar({ part, label }: { part: number; label: string }) {
  return (
    <span className="progress">
      <span
        className="progress-track"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(part * 100)}
      >
        <span
          className={part >= 1 ? 'progress-fill is-full' : 'progress-fill'}
          style={{ transform: `scaleX(${String(part)})` }}
        />
      </span>
      <span className="progress-number">{drawPercent(part)}</span>
    </span>
  );
}
