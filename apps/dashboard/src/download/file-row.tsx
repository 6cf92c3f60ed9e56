import type { MetainfoFile } from '@shoal/protocol';
import type { ReactElement } from 'react';
import type { Shown } from './download-desk.ts';
import type { DownloadState } from './file-download.ts';
import { pathText, percentOf, phaseText, problemText, progressText, sizeText } from './words.ts';

interface FileRowProps {
  readonly file: MetainfoFile;
  readonly shown: Shown | undefined;
  /** Whether one more download may begin. */
  readonly hasRoom: boolean;
  readonly onStart: () => void;
  readonly onCancel: () => void;
}

/** One file of a share, with its button and how its download stands. */
export function FileRow({ file, shown, hasRoom, onStart, onCancel }: FileRowProps): ReactElement {
  const name = pathText(file.path);
  const isUnderWay = shown?.kind === 'download' && !isOver(shown.state);
  return (
    <div className="files-row">
      <div className="files-line">
        <span className="files-name">{name}</span>
        <span className="files-size">{sizeText(file.length)}</span>
        {isUnderWay ? (
          <button
            type="button"
            className="files-button"
            aria-label={`Cancel the download of ${name}`}
            onClick={onCancel}
          >
            Cancel
          </button>
        ) : (
          <button
            type="button"
            className="files-button"
            aria-label={`Download ${name}`}
            disabled={!hasRoom}
            title={hasRoom ? undefined : 'Other downloads are under way; wait for one, or cancel it'}
            onClick={onStart}
          >
            Download
          </button>
        )}
      </div>
      {shown?.kind === 'refused' && (
        <p className="files-problem" role="alert">
          {problemText(shown.error)}
        </p>
      )}
      {shown?.kind === 'download' && <Progress name={name} state={shown.state} where={shown.where} />}
    </div>
  );
}

function Progress({ name, state, where }: { name: string; state: DownloadState; where: string }): ReactElement {
  const percent = percentOf(state);
  return (
    <div className="files-progress" data-phase={state.phase}>
      <div
        className="files-bar"
        role="progressbar"
        aria-label={`Download of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${percent} percent: ${phaseText(state)}`}
      >
        <div className="files-fill" style={{ transform: `scaleX(${percent / 100})` }} />
      </div>
      <p className="files-phase" role="status">
        {phaseText(state)}
      </p>
      <p className="files-figures">
        {progressText(state)}, {where}
      </p>
      {state.problem !== undefined && (
        <p className="files-problem" role="alert">
          {problemText(state.problem)}
        </p>
      )}
      <Troubles state={state} />
    </div>
  );
}

/** What stands between us and some of the agents; of interest while there is no download, or none any more. */
function Troubles({ state: { phase, troubles } }: { state: DownloadState }): ReactElement | null {
  if (troubles.length === 0 || phase === 'done' || phase === 'cancelled') return null;
  return (
    <details className="files-troubles" open={phase !== 'fetching' && phase !== 'checking'}>
      <summary>{troubles.length === 1 ? 'One agent does not help' : `${troubles.length} agents do not help`}</summary>
      <ul>
        {troubles.map(({ name, error }) => (
          <li key={name}>
            {pathText([name])}: {problemText(error)}
          </li>
        ))}
      </ul>
    </details>
  );
}

function isOver({ phase }: DownloadState): boolean {
  return phase === 'done' || phase === 'cancelled' || phase === 'failed';
}
