import { Module } from '@nestjs/common';
import { AnswerLedger } from './answer-ledger.js';
import { PlacementMetrics } from './placement-metrics.js';

/** Which answers led to what; needs a TypeORM `DataSource` with the entities of this library. */
@Module({ providers: [AnswerLedger, PlacementMetrics], exports: [AnswerLedger, PlacementMetrics] })
export class AttributionModule {}
