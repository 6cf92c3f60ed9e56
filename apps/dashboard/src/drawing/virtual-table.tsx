import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useSyncExternalStore, type ReactNode } from 'react';

/** One column of a table whose rows are `T`. */
export interface TableColumn<T> {
  readonly name: string;
  readonly isNumber?: boolean;
  readonly draw: (row: T) => ReactNode;
}

interface Props<T> {
  /** For a screen reader. */
  readonly label: string;
  /** The style sheet's name of the table, which says how wide the columns are. */
  readonly className: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

const ROW_PIXELS = 44;
const NARROW_ROW_PIXELS = 78;
const MOST_PIXELS = 440;
const narrow = matchMedia('(max-width: 640px)');

/** A table of any length: only the rows that are to be seen exist. */
export function VirtualTable<T>({ label, className, columns, rows, keyOf }: Props<T>) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useSyncExternalStore(subscribe, () => narrow.matches);
  const rowPixels = isNarrow ? NARROW_ROW_PIXELS : ROW_PIXELS;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    getItemKey: (at) => `${String(rowPixels)} ${keyOf(rows[at] as T)}`,
    overscan: 6,
  });
  return (
    <div className={`virtual ${className}`} role="table" aria-label={label} aria-rowcount={rows.length + 1}>
      <div className="virtual-head" role="row" aria-rowindex={1}>
        {columns.map(({ name, isNumber }) => (
          <span key={name} role="columnheader" className={isNumber === true ? 'number' : undefined}>
            {name}
          </span>
        ))}
      </div>
      <div
        ref={scroller}
        className="virtual-scroller"
        role="rowgroup"
        tabIndex={0}
        aria-label={`${label}, rows`}
        style={{ height: Math.min(MOST_PIXELS, virtualizer.getTotalSize()) }}
      >
        <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ key, index, start, size }) => (
            <div
              key={key}
              className="virtual-row"
              role="row"
              aria-rowindex={index + 2}
              style={{ transform: `translateY(${String(start)}px)`, height: size }}
            >
              {columns.map((column) => (
                <Cell key={column.name} column={column} row={rows[index] as T} />
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

function Cell<T>({ column: { name, isNumber, draw }, row }: { column: TableColumn<T>; row: T }) {
  return (
    <span role="cell" data-column={name} className={isNumber === true ? 'number' : undefined}>
      {draw(row)}
    </span>
  );
}

function subscribe(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => {
    narrow.removeEventListener('change', listener);
  };
}
