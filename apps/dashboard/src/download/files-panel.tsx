import { ShoalError, type InfoHash, type Metainfo, type SwarmMember } from '@shoal/protocol';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactElement } from 'react';
import type { DownloadDesk } from './download-desk.ts';
import { FileRow } from './file-row.tsx';
import './files.css';
import { makePageDesk } from './page-desk.ts';
import { loadMetainfo } from './page-metainfo.ts';
import { MEMORY_BYTES } from './sinks.ts';
import { pathText, problemText, sizeText } from './words.ts';

/** So many files are found at a glance; more are searched. */
const FEW_FILES = 20;
/** Height of a row without a download, before it is measured. */
const ROW_PIXELS = 44;

let pageDesk: DownloadDesk | undefined;

/** The files of a share, each to be downloaded in this page, straight from the agents that have it. */
export function FilesPanel({
  infoHash,
  members,
}: {
  infoHash: InfoHash;
  members: readonly SwarmMember[];
}): ReactElement {
  const desk = (pageDesk ??= makePageDesk());
  const loaded = useMetainfo(infoHash);
  useEffect(() => {
    desk.know(infoHash, members);
  }, [desk, infoHash, members]);
  if (loaded === undefined) return <p className="files-note">Loading the list of files…</p>;
  if (loaded instanceof ShoalError) {
    return (
      <p className="files-problem" role="alert">
        {problemText(loaded)}
      </p>
    );
  }
  return <FileList key={infoHash} metainfo={loaded} members={members} desk={desk} />;
}

interface FileListProps {
  readonly metainfo: Metainfo;
  readonly members: readonly SwarmMember[];
  readonly desk: DownloadDesk;
}

function FileList({ metainfo, members, desk }: FileListProps): ReactElement {
  const { infoHash, info } = metainfo;
  const shown = useSyncExternalStore(desk.subscribe, () => desk.filesOf(infoHash));
  const hasRoom = useSyncExternalStore(desk.subscribe, () => desk.hasRoom);
  const [query, setQuery] = useState('');
  const found = useMemo(() => matching(metainfo, query), [metainfo, query]);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PIXELS,
    getItemKey: (row) => found[row] ?? row,
    overscan: 6,
  });
  return (
    <section className="files-panel" aria-label="Files">
      {info.files.length > FEW_FILES && <FileSearch query={query} onQuery={setQuery} count={found.length} />}
      <div className="files-scroller" ref={scroller} tabIndex={0} role="group" aria-label="List of files">
        <ul className="files-list" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index: row, key, start }) => {
            const index = found[row];
            const file = index === undefined ? undefined : info.files[index];
            if (index === undefined || file === undefined) return null;
            return (
              <li
                key={key}
                className="files-item"
                aria-setsize={found.length}
                aria-posinset={row + 1}
                data-index={row}
                ref={rows.measureElement}
                style={{ transform: `translateY(${start}px)` }}
              >
                <FileRow
                  file={file}
                  shown={shown.get(index)}
                  hasRoom={hasRoom}
                  onStart={() => void desk.start(metainfo, index, members)}
                  onCancel={() => void desk.cancel(infoHash, index)}
                />
              </li>
            );
          })}
        </ul>
      </div>
      {!window.isSecureContext && <InsecureNote />}
    </section>
  );
}

function FileSearch(props: { query: string; onQuery: (query: string) => void; count: number }): ReactElement {
  return (
    <div className="files-search">
      <input
        type="search"
        aria-label="Search in the files"
        placeholder="Search in the files"
        value={props.query}
        onChange={({ target }) => {
          props.onQuery(target.value);
        }}
      />
      <span className="files-note" role="status">
        {props.count === 1 ? '1 file' : `${props.count} files`}
      </span>
    </div>
  );
}

/** Browsers give pages over plain http no disk. */
function InsecureNote(): ReactElement {
  return (
    <p className="files-note">
      This page came over http from another machine, so the browser lets it hold files up to {sizeText(MEMORY_BYTES)},
      in its memory. For larger ones use <code>shoal download</code>.
    </p>
  );
}

/** Indices of the files whose path contains the query, in any case. */
function matching({ info }: Metainfo, query: string): readonly number[] {
  const wanted = query.toLowerCase();
  return info.files.flatMap(({ path }, index) => (pathText(path).toLowerCase().includes(wanted) ? [index] : []));
}

/** The metainfo, or why there is none; undefined while it is on its way. */
function useMetainfo(infoHash: InfoHash): Metainfo | ShoalError | undefined {
  const [loaded, setLoaded] = useState<{ infoHash: InfoHash; result: Metainfo | ShoalError }>();
  useEffect(() => {
    const controller = new AbortController();
    loadMetainfo(infoHash, controller.signal, { base: document.baseURI, fetch: (url, options) => fetch(url, options) })
      .catch((error: unknown) => (error instanceof ShoalError ? error : new ShoalError('internal', 'the page failed')))
      .then((result) => {
        if (!controller.signal.aborted) setLoaded({ infoHash, result });
      })
      .catch(() => undefined);
    return () => {
      controller.abort();
    };
  }, [infoHash]);
  return loaded?.infoHash === infoHash ? loaded.result : undefined;
}
