export { AnswerLedger, type IssuedAnswer } from './answer-ledger.js';
export { AttributionModule } from './attribution.module.js';
export {
  MOST_DAYS,
  PlacementMetrics,
  type PlacementFigures,
  type PlacementQuestion,
  type PlacementReport,
} from './placement-metrics.js';
export { PlacementDayEntity } from './placement-day.entity.js';
export { PlacementRequestsEntity } from './placement-requests.entity.js';
export { dropPlacementDays, settlePlacementDays } from './settle-placement-days.js';
export { ServingContextEntity } from './serving-context.entity.js';
