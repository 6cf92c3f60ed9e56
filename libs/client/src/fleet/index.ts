export { openFleet, type FleetConnection, type FleetHandlers, type FleetOptions, type FleetState } from './fleet.ts';
