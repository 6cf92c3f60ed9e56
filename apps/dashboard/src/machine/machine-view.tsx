import { toVisible, type Holding, type LastWords, type PeerId } from '@shoal/protocol';
import { useMemo } from 'react';
import { Figures } from '../drawing/figures.tsx';
import { ProgressBar } from '../drawing/progress-bar.tsx';
import { RateChart } from '../drawing/rate-chart.tsx';
import { drawAge, drawBytes, drawNumber, drawRate, drawSeconds, partOf } from '../drawing/units.ts';
import { VirtualTable, type TableColumn } from '../drawing/virtual-table.tsx';
import { OVERVIEW_LINK, shareLinkOf } from '../page/routes.ts';
import type { FleetPicture, MachinePicture } from '../state/fleet-picture.ts';
import { isReachable, labelOf } from '../state/machine-name.ts';
import { receivedTogether, sentTogether } from '../state/share-picture.ts';

interface Props {
  readonly peerId: PeerId;
  readonly picture: FleetPicture;
}

/** One machine: what it has and gets, where it is, and what it said. */
export function MachineView({ peerId, picture: { machine, isMissing } }: Props) {
  return (
    <>
      <a className="back" href={OVERVIEW_LINK}>
        ← All shares
      </a>
      {machine?.machine.peerId !== peerId ? (
        <p className="hint" role="status">
          {isMissing ? 'There is no such machine here, or no longer.' : 'Listening to the tracker …'}
        </p>
      ) : (
        <Known picture={machine} isMissing={isMissing} />
      )}
    </>
  );
}

function Known({ picture, isMissing }: { picture: MachinePicture; isMissing: boolean }) {
  const { machine, holdings, received, sent, lastWords } = picture;
  const lines = useMemo(
    () => [
      { name: 'Received', history: received },
      { name: 'Sent', history: sent },
    ],
    [received, sent],
  );
  const complete = holdings.filter(({ left }) => left === 0).length;
  return (
    <>
      <h1>
        <bdi>{labelOf(machine)}</bdi>
      </h1>
      {isMissing && <p className="banner banner-danger">This machine is no longer here.</p>}
      <Figures
        figures={[
          { name: 'Shares', value: drawNumber(complete), note: 'complete' },
          { name: 'Downloads', value: drawNumber(holdings.length - complete), note: 'under way' },
          { name: 'Receives', value: drawRate(receivedTogether(holdings)) },
          { name: 'Sends', value: drawRate(sentTogether(holdings)) },
        ]}
      />
      <div className="columns">
        <About picture={picture} />
        <section className="panel" aria-labelledby="rate">
          <h2 id="rate">Rate</h2>
          <RateChart lines={lines} />
        </section>
      </div>
      <section className="panel" aria-labelledby="holdings">
        <h2 id="holdings">Shares and downloads</h2>
        <VirtualTable
          label="Shares and downloads"
          className="holdings"
          columns={COLUMNS}
          rows={holdings}
          keyOf={({ infoHash }) => infoHash}
        />
        {holdings.length === 0 && <p className="hint">It has nothing and gets nothing.</p>}
      </section>
      <Words lastWords={lastWords} />
    </>
  );
}

function About({ picture: { machine } }: { picture: MachinePicture }) {
  const address = toVisible(machine.host);
  return (
    <section className="panel" aria-labelledby="about">
      <h2 id="about">About</h2>
      <dl className="about">
        <dt>Address</dt>
        <dd>
          {isReachable(machine)
            ? `${address.includes(':') ? `[${address}]` : address}:${String(machine.port)}`
            : address}
        </dd>
        <dt>Reachable</dt>
        <dd>
          {isReachable(machine)
            ? 'Others reach it at this address.'
            : 'Others do not reach it: it dials them. `shoal doctor` on the machine says what to set.'}
        </dd>
        <dt>Version</dt>
        <dd>{toVisible(machine.agent)}</dd>
        <dt>Peer id</dt>
        <dd className="identity">{machine.peerId}</dd>
      </dl>
    </section>
  );
}

function Words({ lastWords }: { lastWords: readonly LastWords[] }) {
  const nowMs = Date.now();
  const latestFirst = useMemo(() => lastWords.toSorted((a, b) => (a.at < b.at ? 1 : -1)), [lastWords]);
  return (
    <section className="panel" aria-labelledby="words">
      <h2 id="words">Last words</h2>
      {latestFirst.length === 0 && <p className="hint">It had nothing to complain of.</p>}
      <ul className="words">
        {latestFirst.map(({ at, code, message }) => (
          <li key={`${at} ${code} ${message}`}>
            <time dateTime={at}>{drawAge(at, nowMs)} ago</time>
            <code>{code}</code>
            <span>{toVisible(message)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const COLUMNS: readonly TableColumn<Holding>[] = [
  {
    name: 'Name',
    draw: ({ infoHash, name }) => (
      <a href={shareLinkOf(infoHash)}>
        <bdi>{toVisible(name)}</bdi>
      </a>
    ),
  },
  { name: 'Size', isNumber: true, draw: ({ length }) => drawBytes(length) },
  {
    name: 'State',
    draw: ({ state, problem }) => (
      <span className={`state state-${state}`} title={problem === undefined ? undefined : toVisible(problem.message)}>
        {state}
        {problem !== undefined && <span className="soft"> · {problem.code}</span>}
      </span>
    ),
  },
  {
    name: 'Progress',
    draw: ({ name, length, left }) => (
      <ProgressBar part={partOf(length - left, length)} label={`Progress of ${toVisible(name)}`} />
    ),
  },
  { name: 'Receives', isNumber: true, draw: ({ receivedBytesPerSecond }) => drawRate(receivedBytesPerSecond) },
  { name: 'Sends', isNumber: true, draw: ({ sentBytesPerSecond }) => drawRate(sentBytesPerSecond) },
  {
    name: 'Time left',
    isNumber: true,
    draw: ({ left, secondsLeft }) => (left === 0 ? 'done' : drawSeconds(secondsLeft)),
  },
];
