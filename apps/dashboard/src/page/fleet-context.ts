import type { FleetConnection } from '@shoal/client/fleet';
import { createContext, use, useSyncExternalStore } from 'react';
import type { FleetPicture } from '../state/fleet-picture.ts';
import type { FleetStore } from '../state/fleet-store.ts';

/** What the page lives on. */
export interface Fleet {
  readonly store: FleetStore;
  readonly connection: FleetConnection;
}

export const FleetContext = createContext<Fleet | undefined>(undefined);

export function useFleet(): Fleet {
  const fleet = use(FleetContext);
  if (fleet === undefined) throw new Error('invariant: the page has a fleet');
  return fleet;
}

/** The picture, at a pace at which people can read. */
export function usePicture(): FleetPicture {
  const { store } = useFleet();
  return useSyncExternalStore(store.subscribePaced, store.paced);
}
