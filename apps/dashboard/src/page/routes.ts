/** Where the address of the page leads: `#/`, `#/share/<info hash>`, `#/machine/<peer id>`. */
import { infoHashSchema, peerIdSchema, type InfoHash, type PeerId, type View } from '@shoal/protocol';
import { useSyncExternalStore } from 'react';

export function parseRoute(hash: string, query: string): View {
  const [, at, id] = /^#\/(share|machine)\/([0-9a-f]{64})$/.exec(hash) ?? [];
  if (at === 'share') return { at, infoHash: infoHashSchema.parse(id) };
  if (at === 'machine') return { at, peerId: peerIdSchema.parse(id) };
  return { at: 'overview', query };
}

export const OVERVIEW_LINK = '#/';
export const shareLinkOf = (infoHash: InfoHash): string => `#/share/${infoHash}`;
export const machineLinkOf = (peerId: PeerId): string => `#/machine/${peerId}`;

/** The hash of the address, as it changes. */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => location.hash);
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => {
    removeEventListener('hashchange', listener);
  };
}
