import { LIMITS } from '@shoal/protocol';
import { useMemo } from 'react';
import { drawCount, drawNumber, drawRate } from '../drawing/units.ts';
import { Figures } from '../drawing/figures.tsx';
import { RateChart } from '../drawing/rate-chart.tsx';
import type { FleetPicture, Overview } from '../state/fleet-picture.ts';
import { ShareTable } from './share-table.tsx';

interface Props {
  readonly picture: FleetPicture;
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

/** All shares, and how fast the whole fleet moves. */
export function OverviewView({ picture: { overview }, query, onQuery }: Props) {
  const history = overview?.history;
  const lines = useMemo(() => [{ name: 'Received by the fleet', history: history ?? [] }], [history]);
  return (
    <>
      <h1>The fleet</h1>
      <Totals overview={overview} />
      <section className="panel" aria-labelledby="throughput">
        <h2 id="throughput">Throughput</h2>
        <RateChart lines={lines} />
      </section>
      <section className="panel" aria-labelledby="shares">
        <div className="panel-head">
          <h2 id="shares">Shares</h2>
          <form
            role="search"
            onSubmit={(event) => {
              event.preventDefault();
            }}
          >
            <input
              type="search"
              value={query}
              placeholder="Search by name or path"
              aria-label="Search shares"
              maxLength={LIMITS.queryLength}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => {
                onQuery(event.target.value);
              }}
            />
          </form>
        </div>
        <p className="hint" role="status">
          {overview === undefined ? 'Listening to the tracker …' : summaryOf(overview)}
        </p>
        {overview !== undefined && overview.shares.length > 0 && <ShareTable shares={overview.shares} />}
      </section>
    </>
  );
}

function Totals({ overview }: { overview: Overview | undefined }) {
  const totals = overview?.totals;
  return (
    <Figures
      figures={[
        { name: 'Shares', value: totals === undefined ? '–' : drawNumber(totals.shares) },
        { name: 'Machines', value: totals === undefined ? '–' : drawNumber(totals.machines) },
        { name: 'Receiving', value: drawRate(totals?.receivedBytesPerSecond ?? 0) },
        { name: 'Sending', value: drawRate(totals?.sentBytesPerSecond ?? 0) },
      ]}
    />
  );
}

function summaryOf({ query, shares, hasMore, totals }: Overview): string {
  if (totals.shares === 0) return 'Nothing is shared yet. `shoal share <path> <tracker>` shares a file or a folder.';
  if (shares.length === 0) return 'No share matches.';
  const listed = drawCount(shares.length, 'share');
  if (hasMore) return `The first ${listed}; search to find the others.`;
  return query === '' ? listed : `${listed} of ${drawNumber(totals.shares)}`;
}
