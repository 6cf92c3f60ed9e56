import { useMemo, useState } from 'react';
import { ProgressBar } from '../drawing/progress-bar.tsx';
import { drawRate, drawSeconds, partOf } from '../drawing/units.ts';
import { VirtualTable, type TableColumn } from '../drawing/virtual-table.tsx';
import { machineLinkOf } from '../page/routes.ts';
import { isReachable, labelOf } from '../state/machine-name.ts';
import type { Member } from '../state/member.ts';
import type { SharePicture } from '../state/share-picture.ts';
import { useOrder } from './use-order.ts';

/** Those that are alike stand by name. */
const ORDERS: Readonly<Record<string, (a: Member, b: Member) => number>> = {
  'by name': () => 0,
  'least complete first': (a, b) => b.left - a.left,
  'fastest first': (a, b) => b.receivedBytesPerSecond - a.receivedBytesPerSecond,
  'sends most first': (a, b) => b.sentBytesPerSecond - a.sentBytesPerSecond,
};

/** Each machine's progress, rates and time left. */
export function MachineList({ share: { members, facts } }: { share: SharePicture }) {
  const [order, setOrder] = useState('by name');
  const byName = useOrder(members);
  const sorted = useMemo(
    () => byName.flatMap((peerId) => members.get(peerId) ?? []).sort(ORDERS[order]),
    [byName, members, order],
  );
  const columns = useMemo(() => columnsFor(facts.length), [facts.length]);
  return (
    <section className="panel" aria-labelledby="machines">
      <div className="panel-head">
        <h2 id="machines">Machines</h2>
        <select
          aria-label="Order of the machines"
          value={order}
          onChange={(event) => {
            setOrder(event.target.value);
          }}
        >
          {Object.keys(ORDERS).map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <VirtualTable
        label="Machines"
        className="machines"
        columns={columns}
        rows={sorted}
        keyOf={({ peerId }) => peerId}
      />
    </section>
  );
}

function columnsFor(length: number): readonly TableColumn<Member>[] {
  return [
    {
      name: 'Name',
      draw: (member) => (
        <a href={machineLinkOf(member.peerId)}>
          <bdi>{labelOf(member)}</bdi>
        </a>
      ),
    },
    {
      name: 'State',
      draw: (member) => (
        <span className={`state state-${member.state}`}>
          {member.state}
          {!isReachable(member) && <span className="soft"> · unreachable</span>}
        </span>
      ),
    },
    {
      name: 'Progress',
      draw: (member) => (
        <ProgressBar part={partOf(length - member.left, length)} label={`Progress of ${labelOf(member)}`} />
      ),
    },
    { name: 'Receives', isNumber: true, draw: (member) => drawRate(member.receivedBytesPerSecond) },
    { name: 'Sends', isNumber: true, draw: (member) => drawRate(member.sentBytesPerSecond) },
    {
      name: 'Time left',
      isNumber: true,
      draw: (member) => (member.left === 0 ? 'done' : drawSeconds(member.secondsLeft)),
    },
  ];
}
