export {
  openFleet,
  type FleetNews,
  type FleetConnection,
  type FleetHandlers,
  type FleetOptions,
  type FleetState,
} from './fleet.ts';
