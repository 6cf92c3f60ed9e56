export {
  openFleet,
  type FleetConnection,
  type FleetHandlers,
  type FleetNews,
  type FleetOptions,
  type FleetState,
} from './fleet.ts';
