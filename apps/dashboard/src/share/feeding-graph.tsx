import type { PeerId } from '@shoal/protocol';
import { useMemo } from 'react';
import { drawCount, drawRate } from '../drawing/units.ts';
import { feedingOf, type Feeding, type Flow } from '../state/feeding.ts';
import { byLabel, labelOf } from '../state/machine-name.ts';
import type { Member } from '../state/member.ts';
import type { SharePicture } from '../state/share-picture.ts';
import { machineLinkOf } from '../page/routes.ts';
import { useUnhurried } from '../page/use-unhurried.ts';

const MOST_FLOWS = 24;
const WIDTH = 640;
const NAME_WIDTH = 150;
/** How high a row is: few machines stand wider apart. */
const ROW = 24;
const WIDE_ROW = 44;
const FEW_ROWS = 7;
const NAME_LENGTH = 18;

/** Who feeds whom: senders at the left, receivers at the right, the strongest flows between them. */
export function FeedingGraph({ share: { members } }: { share: SharePicture }) {
  const { strongest, others } = useUnhurried(members, strongestFlows);
  if (strongest.length === 0) return <p className="hint">Nothing moves at the moment.</p>;
  return (
    <>
      <Picture flows={strongest} members={members} />
      <p className="hint">
        {others.count === 0
          ? 'Every flow is shown.'
          : `The strongest ${String(strongest.length)} flows; ${drawCount(others.count, 'weaker flow')} carry ${drawRate(others.bytesPerSecond)} together.`}
      </p>
      <FlowTable flows={strongest} members={members} />
    </>
  );
}

function strongestFlows(members: SharePicture['members']): Feeding {
  return feedingOf(members.values(), MOST_FLOWS);
}

interface FlowsProps {
  readonly flows: readonly Flow[];
  readonly members: SharePicture['members'];
}

interface Node {
  readonly peerId: PeerId;
  readonly label: string;
  /** Its row. */
  readonly at: number;
  readonly bytesPerSecond: number;
}

/** How the rows of one side lie. */
interface Place {
  readonly row: number;
  readonly shift: number;
}

function heightOf(at: number, { row, shift }: Place): number {
  return (at + 0.5) * row + shift;
}

function Picture({ flows, members }: FlowsProps) {
  const senders = useMemo(() => nodesOf(flows, 'from', members), [flows, members]);
  const receivers = useMemo(() => nodesOf(flows, 'to', members), [flows, members]);
  const rows = Math.max(senders.size, receivers.size);
  const row = rows <= FEW_ROWS ? WIDE_ROW : ROW;
  const height = rows * row;
  const fastest = flows[0]?.bytesPerSecond ?? 1;
  const place = {
    left: { row, shift: (height - senders.size * row) / 2 },
    right: { row, shift: (height - receivers.size * row) / 2 },
  };
  return (
    <svg
      className="flows"
      viewBox={`0 0 ${String(WIDTH)} ${String(height)}`}
      role="group"
      aria-label="Who feeds whom; the table below says the same"
    >
      <g fill="none" aria-hidden="true">
        {flows.map(({ from, to, bytesPerSecond }) => {
          const y1 = heightOf(senders.get(from)?.at ?? 0, place.left);
          const y2 = heightOf(receivers.get(to)?.at ?? 0, place.right);
          const part = bytesPerSecond / fastest;
          return (
            <path
              key={`${from} ${to}`}
              d={curve(y1, y2)}
              strokeWidth={1 + 5 * part}
              strokeOpacity={0.25 + 0.55 * part}
            />
          );
        })}
      </g>
      <Names nodes={senders} side="left" place={place.left} />
      <Names nodes={receivers} side="right" place={place.right} />
    </svg>
  );
}

interface NamesProps {
  readonly nodes: ReadonlyMap<PeerId, Node>;
  readonly side: 'left' | 'right';
  readonly place: Place;
}

function Names({ nodes, side, place }: NamesProps) {
  const x = side === 'left' ? NAME_WIDTH - 8 : WIDTH - NAME_WIDTH + 8;
  return (
    <g textAnchor={side === 'left' ? 'end' : 'start'}>
      {[...nodes.values()].map(({ peerId, label, at, bytesPerSecond }) => (
        <a key={peerId} href={machineLinkOf(peerId)}>
          <title>{`${label} ${side === 'left' ? 'sends' : 'receives'} ${drawRate(bytesPerSecond)}`}</title>
          <text x={x} y={heightOf(at, place)} dominantBaseline="central">
            {label.length > NAME_LENGTH ? `${label.slice(0, NAME_LENGTH - 1)}…` : label}
          </text>
        </a>
      ))}
    </g>
  );
}

function FlowTable({ flows, members }: FlowsProps) {
  return (
    <details>
      <summary>As a table</summary>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" className="number">
              Rate
            </th>
          </tr>
        </thead>
        <tbody>
          {flows.map(({ from, to, bytesPerSecond }) => (
            <tr key={`${from} ${to}`}>
              <td>{nameOf(from, members)}</td>
              <td>{nameOf(to, members)}</td>
              <td className="number">{drawRate(bytesPerSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** The machines at one end of the flows, ordered by name so that they stay where they are. */
function nodesOf(flows: readonly Flow[], end: 'from' | 'to', members: SharePicture['members']): Map<PeerId, Node> {
  const rates = new Map<PeerId, number>();
  for (const flow of flows) rates.set(flow[end], (rates.get(flow[end]) ?? 0) + flow.bytesPerSecond);
  const named = [...rates.keys()].map((peerId) => members.get(peerId) ?? strangerOf(peerId)).sort(byLabel);
  return new Map(
    named.map((machine, at) => {
      const { peerId } = machine;
      return [peerId, { peerId, label: labelOf(machine), at, bytesPerSecond: rates.get(peerId) ?? 0 }];
    }),
  );
}

/** A machine that feeds and is not in the list (any more). */
function strangerOf(peerId: PeerId): Pick<Member, 'peerId' | 'name'> {
  return { peerId, name: '' };
}

function nameOf(peerId: PeerId, members: SharePicture['members']): string {
  return labelOf(members.get(peerId) ?? strangerOf(peerId));
}

function curve(y1: number, y2: number): string {
  const [x1, x2, middle] = [NAME_WIDTH, WIDTH - NAME_WIDTH, WIDTH / 2].map(String);
  return `M${x1 ?? ''} ${String(y1)}C${middle ?? ''} ${String(y1)} ${middle ?? ''} ${String(y2)} ${x2 ?? ''} ${String(y2)}`;
}
