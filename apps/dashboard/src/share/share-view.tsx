import { toVisible, type InfoHash } from '@shoal/protocol';
import { useMemo } from 'react';
import { Figures } from '../drawing/figures.tsx';
import { RateChart } from '../drawing/rate-chart.tsx';
import { drawAge, drawBytes, drawCount, drawNumber, drawPercent, drawRate, drawSeconds } from '../drawing/units.ts';
import { FilesPanel } from '../download/files-panel.tsx';
import { OVERVIEW_LINK } from '../page/routes.ts';
import { tellPieces } from '../state/enumeration.ts';
import type { FleetPicture } from '../state/fleet-picture.ts';
import { receivedTogether, type SharePicture } from '../state/share-picture.ts';
import { EfficiencyPanel } from './efficiency-panel.tsx';
import { FeedingGraph } from './feeding-graph.tsx';
import { GettingPanel } from './getting-panel.tsx';
import { MachineList } from './machine-list.tsx';
import { PieceGrid } from './piece-grid.tsx';
import { StallList } from './stall-list.tsx';

interface Props {
  readonly infoHash: InfoHash;
  readonly picture: FleetPicture;
}

/** One share as it spreads. */
export function ShareView({ infoHash, picture: { share, isMissing } }: Props) {
  return (
    <>
      <a className="back" href={OVERVIEW_LINK}>
        ← All shares
      </a>
      {share?.facts.infoHash !== infoHash ? (
        <p className="hint" role="status">
          {isMissing ? 'There is no such share here, or no longer.' : 'Listening to the tracker …'}
        </p>
      ) : (
        <Spread share={share} isMissing={isMissing} />
      )}
    </>
  );
}

function Spread({ share, isMissing }: { share: SharePicture; isMissing: boolean }) {
  const { facts, members, history } = share;
  const all = useMemo(() => [...members.values()], [members]);
  const lines = useMemo(() => [{ name: 'Received by all machines', history }], [history]);
  const about = [
    drawBytes(facts.length),
    drawCount(facts.fileCount, 'file'),
    `${drawCount(facts.pieceCount, 'piece')} of ${drawBytes(facts.pieceLength)}`,
    `shared ${drawAge(facts.registeredAt, Date.now())} ago`,
  ];
  return (
    <>
      <h1>
        <bdi>{toVisible(facts.name)}</bdi>
      </h1>
      <p className="hint">{about.join(' · ')}</p>
      {isMissing && <p className="banner banner-danger">This share is no longer here.</p>}
      <Standing share={share} />
      <StallList share={share} />
      <section className="panel" aria-labelledby="pieces">
        <h2 id="pieces">Pieces</h2>
        <PieceGrid share={share} />
      </section>
      <div className="columns">
        <div className="stack">
          <section className="panel" aria-labelledby="feeding">
            <h2 id="feeding">Who feeds whom</h2>
            <FeedingGraph share={share} />
          </section>
          <section className="panel" aria-labelledby="rate">
            <h2 id="rate">Rate</h2>
            <RateChart lines={lines} />
          </section>
        </div>
        <div className="stack">
          <section className="panel" aria-labelledby="efficiency">
            <h2 id="efficiency">Efficiency</h2>
            <EfficiencyPanel share={share} />
          </section>
          <GettingPanel facts={facts} />
        </div>
      </div>
      <MachineList share={share} />
      <div className="panel">
        <h2>Files</h2>
        <FilesPanel infoHash={facts.infoHash} members={all} />
      </div>
    </>
  );
}

/** The numbers that say how a share stands. */
function Standing({ share: { facts, members, census } }: { share: SharePicture }) {
  const all = [...members.values()];
  const leechers = all.filter(({ left }) => left > 0);
  const left = leechers.reduce((sum, member) => sum + member.left, 0);
  const whole = facts.length * all.length;
  const times = leechers.flatMap(({ secondsLeft }) => secondsLeft ?? []);
  const rarest = census.rarest(4);
  return (
    <Figures
      figures={[
        { name: 'Complete', value: whole === 0 ? '–' : drawPercent((whole - left) / whole), note: 'across the fleet' },
        {
          name: 'Machines',
          value: drawNumber(all.length),
          note: `${drawCount(all.length - leechers.length, 'seeder')}, ${drawCount(leechers.length, 'leecher')}`,
        },
        { name: 'Rate', value: drawRate(receivedTogether(all)), note: 'received by all' },
        {
          name: 'Time left',
          value: leechers.length === 0 ? 'done' : drawSeconds(times.length === 0 ? undefined : Math.max(...times)),
          note: leechers.length === 0 ? 'everyone has it' : 'until the last is done',
        },
        {
          name: 'Rarest piece',
          value: rarest.length === 0 ? '–' : tellPieces(rarest.slice(0, 1)),
          note: `${drawNumber(census.fewestHolders)} of ${drawCount(all.length, 'machine')} ${census.fewestHolders === 1 ? 'has' : 'have'} it${census.rarestCount > 1 ? `, ${drawCount(census.rarestCount - 1, 'other')} as rare` : ''}`,
        },
      ]}
    />
  );
}
