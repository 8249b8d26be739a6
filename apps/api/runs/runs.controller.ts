import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { TrainingRuns, type TrainingRun } from '#runs';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { RunDto, RunsDto } from './runs.dto.js';

const MOST_RUNS = 100;

@ApiTags('runs')
@Controller('v1/runs')
export class RunsController {
  constructor(private readonly runs: TrainingRuns) {}

  @Get()
  @ApiOperation({ operationId: 'listRuns', summary: 'What the training job did' })
  @ApiOkResponse({ type: RunsDto })
  async list(@Store() store: string): Promise<{ runs: readonly TrainingRun[] }> {
    return { runs: await this.runs.list(store, MOST_RUNS) };
  }

  @Get(':runId')
  @ApiOperation({ operationId: 'getRun', summary: 'What one run of the training job did' })
  @ApiOkResponse({ type: RunDto })
  show(@Store() store: string, @Param('runId', IdentifierParameterPipe) runId: string): Promise<TrainingRun> {
    return this.runs.show(store, runId);
  }
}
