import { Module } from '@nestjs/common';
import { TrainingRuns } from './training-runs.js';

/** Records of training runs; needs a TypeORM `DataSource` with the entities of this library. */
@Module({ providers: [TrainingRuns], exports: [TrainingRuns] })
export class RunsModule {}
