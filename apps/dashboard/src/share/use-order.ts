import { useRef } from 'react';
import type { PeerId } from '@shoal/protocol';
import { byLabel } from '../state/machine-name.ts';
import type { SharePicture } from '../state/share-picture.ts';

/** The machines of a share by name. The same list until one comes, goes or takes another name. */
export function useOrder(members: SharePicture['members']): readonly PeerId[] {
  const last = useRef<{ readonly order: readonly PeerId[]; readonly names: ReadonlyMap<PeerId, string> }>(undefined);
  if (last.current === undefined || !isOrderOf(last.current.names, members)) {
    const sorted = [...members.values()].sort(byLabel);
    last.current = {
      order: sorted.map(({ peerId }) => peerId),
      names: new Map(sorted.map(({ peerId, name }) => [peerId, name])),
    };
  }
  return last.current.order;
}

function isOrderOf(names: ReadonlyMap<PeerId, string>, members: SharePicture['members']): boolean {
  if (names.size !== members.size) return false;
  for (const { peerId, name } of members.values()) if (names.get(peerId) !== name) return false;
  return true;
}
