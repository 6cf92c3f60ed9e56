import type { PeerId } from '@shoal/protocol';
import { useEffect, useMemo, useRef, useState } from 'react';
import { tellPieces } from '../state/enumeration.ts';
import { labelOf } from '../state/machine-name.ts';
import type { Member } from '../state/member.ts';
import type { SharePicture } from '../state/share-picture.ts';
import { useFleet } from '../page/fleet-context.ts';
import { useTheme } from '../page/theme.ts';
import { drawCount, drawNumber, drawPercent } from '../drawing/units.ts';
import { useOrder } from './use-order.ts';
import { firstPieceOf, GridPainter, type GridLayout } from './grid-painter.ts';

/** So many machines are named beside their rows, and no more than so many have rows. */
const NAMED_ROWS = 24;
const MOST_ROWS = 2_000;
const AIMED_HEIGHT = 420;

/** Machines × pieces, filling as the share spreads. */
export function PieceGrid({ share }: { share: SharePicture }) {
  const { members, census, facts } = share;
  const order = useOrder(members);
  const rows = useMemo(() => order.slice(0, MOST_ROWS), [order]);
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  const layout = useMemo(() => layoutFor(width, rows.length, facts.pieceCount), [width, rows.length, facts.pieceCount]);
  const [pointed, setPointed] = useState<string>();
  const isNamed = rows.length <= NAMED_ROWS;
  return (
    <div className="grid">
      <div
        className={isNamed ? 'grid-body' : 'grid-body is-unnamed'}
        role="group"
        tabIndex={0}
        aria-label="Pieces of each machine"
      >
        {isNamed && (
          <div className="grid-names" aria-hidden="true" style={{ lineHeight: `${String(layout.rowPixels)}px` }}>
            {rows.map((peerId) => (
              <bdi key={peerId}>{labelOf(members.get(peerId) ?? { peerId, name: '' })}</bdi>
            ))}
          </div>
        )}
        <div ref={host} className="grid-canvases">
          {layout.columns > 0 && <Canvases rows={rows} layout={layout} onPoint={setPointed} share={share} />}
        </div>
      </div>
      <p className="hint grid-caption">
        {pointed ??
          `${drawCount(rows.length, 'machine')} × ${drawCount(census.pieceCount, 'piece')}${noteOnColumns(layout)}. The strip below them shows how many have each piece.`}
      </p>
      <p className="hidden">{inWords(share)}</p>
    </div>
  );
}

interface CanvasesProps {
  readonly rows: readonly PeerId[];
  readonly layout: GridLayout;
  readonly share: SharePicture;
  readonly onPoint: (text: string | undefined) => void;
}

function Canvases({ rows, layout, share, onPoint }: CanvasesProps) {
  const grid = useRef<HTMLCanvasElement>(null);
  const strip = useRef<HTMLCanvasElement>(null);
  usePainting(grid, strip, rows, layout);
  const { columns, rowPixels } = layout;
  const height = rows.length * rowPixels;
  const point = ({ nativeEvent, currentTarget }: React.MouseEvent): void => {
    const peerId = rows[Math.floor(nativeEvent.offsetY / rowPixels)];
    const member = peerId === undefined ? undefined : share.members.get(peerId);
    const column = Math.min(columns - 1, Math.floor((nativeEvent.offsetX / currentTarget.clientWidth) * columns));
    if (member !== undefined) onPoint(tellCell(member, column, layout));
  };
  return (
    <>
      <canvas
        ref={grid}
        className="grid-cells"
        width={columns}
        height={height}
        style={{ height }}
        role="img"
        aria-label={inWords(share)}
        onMouseMove={point}
        onMouseLeave={() => {
          onPoint(undefined);
        }}
      />
      <canvas
        ref={strip}
        className="grid-strip"
        width={columns}
        height={1}
        role="img"
        aria-label={stripInWords(share)}
      />
    </>
  );
}

/** Paints at most once a frame, and only when something has come. */
function usePainting(
  grid: React.RefObject<HTMLCanvasElement | null>,
  strip: React.RefObject<HTMLCanvasElement | null>,
  rows: readonly PeerId[],
  layout: GridLayout,
): void {
  const { store } = useFleet();
  const theme = useTheme();
  useEffect(() => {
    const cells = grid.current?.getContext('2d') ?? undefined;
    const counts = strip.current?.getContext('2d') ?? undefined;
    if (cells === undefined || counts === undefined) return undefined;
    const painter = new GridPainter(cells, counts, layout);
    let frame = 0;
    const paint = (): void => {
      frame = 0;
      const { share } = store.picture();
      if (share !== undefined)
        painter.paint(
          rows.map((peerId) => share.members.get(peerId)),
          share.census,
        );
    };
    const schedule = (): void => {
      if (frame === 0) frame = requestAnimationFrame(paint);
    };
    paint();
    const end = store.subscribe(schedule);
    return () => {
      end();
      cancelAnimationFrame(frame);
    };
  }, [store, theme, grid, strip, rows, layout]);
}

function useWidth(host: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (host.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(host.current);
    return () => {
      observer.disconnect();
    };
  }, [host]);
  return width;
}

function layoutFor(width: number, rows: number, pieceCount: number): GridLayout {
  const columns = Math.min(pieceCount, Math.floor(width * devicePixelRatio));
  const rowPixels = rows <= NAMED_ROWS ? 20 : Math.max(2, Math.floor(AIMED_HEIGHT / rows));
  return { columns, pieceCount, rowPixels, gapPixels: rowPixels >= 10 ? 2 : rowPixels >= 4 ? 1 : 0 };
}

function noteOnColumns({ columns, pieceCount }: GridLayout): string {
  return columns > 0 && columns < pieceCount ? `, about ${drawNumber(Math.round(pieceCount / columns))} a column` : '';
}

function tellCell(member: Member, column: number, layout: GridLayout): string {
  const first = firstPieceOf(column, layout);
  const end = firstPieceOf(column + 1, layout);
  const pieces = Array.from({ length: end - first }, (_, at) => first + at);
  const count = pieces.filter((piece) => member.held?.has(piece)).length;
  const name = labelOf(member);
  if (pieces.length === 1) return `${name}, piece ${tellPieces(pieces)}: ${count === 1 ? 'there' : 'not there'}`;
  return `${name}, pieces ${tellPieces(pieces)}: ${String(count)} of ${String(pieces.length)} there`;
}

function inWords({ members, facts: { pieceCount } }: SharePicture): string {
  let held = 0;
  let complete = 0;
  for (const member of members.values()) {
    held += member.held?.count ?? 0;
    if (member.left === 0) complete++;
  }
  const part = members.size === 0 ? 0 : held / (members.size * pieceCount);
  return `Of ${drawCount(members.size, 'machine')}, ${drawNumber(complete)} have all ${drawNumber(pieceCount)} pieces; together they have ${drawPercent(part)}.`;
}

function stripInWords({ census }: SharePicture): string {
  return `How many machines have each piece; the rarest is held by ${drawNumber(census.fewestHolders)}.`;
}
