import { toVisible, type View } from '@shoal/protocol';
import { useEffect, useMemo, useRef, useState } from 'react';
import { MachineView } from '../machine/machine-view.tsx';
import { OverviewView } from '../overview/overview-view.tsx';
import { ShareView } from '../share/share-view.tsx';
import { labelOf } from '../state/machine-name.ts';
import type { FleetPicture } from '../state/fleet-picture.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { useFleet, usePicture } from './fleet-context.ts';
import { OVERVIEW_LINK, parseRoute, useHash } from './routes.ts';
import { ThemeButton } from './theme-button.tsx';

/** How long the typing of a search rests before it is looked for. */
const TYPING_MS = 180;

/** The whole page: what stands on every view, and the view that the address names. */
export function FleetPage() {
  const hash = useHash();
  const [query, setQuery] = useState('');
  const sought = useRested(query.trim(), TYPING_MS);
  const view = useMemo(() => parseRoute(hash, sought), [hash, sought]);
  useLook(view);
  const picture = usePicture();
  const title = titleOf(picture);
  useEffect(() => {
    document.title = title;
  }, [title]);
  const main = useRef<HTMLElement>(null);
  useFocusOnTurn(main, hash);
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className="top">
        <a className="brand" href={OVERVIEW_LINK} aria-label="Shoal: all shares">
          <Mark /> Shoal
        </a>
        <span className="top-note">{picture.version === undefined ? '' : `tracker ${toVisible(picture.version)}`}</span>
        <ThemeButton />
      </header>
      <ConnectionBanner picture={picture} />
      <main id="main" ref={main} tabIndex={-1}>
        {view.at === 'overview' && <OverviewView picture={picture} query={query} onQuery={setQuery} />}
        {view.at === 'share' && <ShareView key={view.infoHash} infoHash={view.infoHash} picture={picture} />}
        {view.at === 'machine' && <MachineView key={view.peerId} peerId={view.peerId} picture={picture} />}
      </main>
    </>
  );
}

function useLook(view: View): void {
  const { store, connection } = useFleet();
  useEffect(() => {
    store.turnTo(view);
    connection.look(view);
  }, [store, connection, view]);
}

/** A value once it has not changed for `restMs` milliseconds. */
function useRested(value: string, restMs: number): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setRested(value);
    }, restMs);
    return () => {
      clearTimeout(timer);
    };
  }, [value, restMs]);
  return rested;
}

/** A new view begins at its top, for the eye and for a screen reader. */
function useFocusOnTurn(main: React.RefObject<HTMLElement | null>, hash: string): void {
  const shown = useRef(hash);
  useEffect(() => {
    if (shown.current === hash) return;
    shown.current = hash;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [main, hash]);
}

function titleOf({ view, share, machine }: FleetPicture): string {
  if (view.at === 'share' && share !== undefined) return `${toVisible(share.facts.name)} · Shoal`;
  if (view.at === 'machine' && machine !== undefined) return `${labelOf(machine.machine)} · Shoal`;
  return 'Shoal';
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" fill="currentColor">
      <path d="M3 9c5-5 11-5 15 0l4-4v8l-4-4c-4 5-10 5-15 0z" />
      <path d="M9 23c5-5 11-5 15 0l4-4v8l-4-4c-4 5-10 5-15 0z" opacity=".55" />
    </svg>
  );
}
