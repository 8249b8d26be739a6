export { completeSettings, parsePlacement } from './parse-placement.js';
export { NamedPlacementDto, PlacementDto } from './placement.dto.js';
export { PlacementEntity } from './placement.entity.js';
export { placementNotFound, PlacementStore, type NamedPlacement } from './placement-store.js';
export { PlacementsModule } from './placements.module.js';
export {
  DEFAULT_SETTINGS,
  PLACEMENT_LIMITS,
  type PinRule,
  type PlacementRule,
  type PlacementSettings,
} from './settings.js';
