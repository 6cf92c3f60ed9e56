import { toVisible } from '@shoal/protocol';
import type { FleetPicture } from '../state/fleet-picture.ts';
import { useFleet } from './fleet-context.ts';

/** Says that what stands below is old, or that the page is; nothing while all is well. */
export function ConnectionBanner({ picture: { connection, version, isOutdated } }: { picture: FleetPicture }) {
  const fleet = useFleet();
  const isLost = connection.kind === 'lost' || (connection.kind === 'connecting' && version !== undefined);
  return (
    <div role="status" aria-label="Connection">
      {isLost && (
        <div className="banner banner-danger">
          <span>
            <strong>The connection to the tracker is lost.</strong> What you see is as it was; the page reconnects by
            itself.
            {connection.kind === 'lost' && <small> {toVisible(connection.problem.message)}</small>}
          </span>
          <button
            type="button"
            onClick={() => {
              fleet.connection.retryNow();
            }}
          >
            Try now
          </button>
        </div>
      )}
      {isOutdated && !isLost && (
        <div className="banner">
          <span>The tracker was updated.</span>
          <button
            type="button"
            onClick={() => {
              location.reload();
            }}
          >
            Load the new page
          </button>
        </div>
      )}
    </div>
  );
}
