import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { PlacementMetrics, type PlacementReport } from '#attribution';
import { Store } from '../http/access.guard.js';
import { QueryPipe } from '../http/query.pipe.js';
import { PlacementReportDto, PlacementsQueryDto } from './placements.dto.js';

@ApiTags('metrics')
@Controller('v1/metrics/placements')
export class PlacementMetricsController {
  constructor(private readonly metrics: PlacementMetrics) {}

  @Get()
  @ApiOperation({
    summary: 'What the answers led to',
    description: `By placement, model version and day of the answer. An event counts for the answer whose \`requestId\` it carries. What is put \
into the cart or purchased by an event without one counts for the last answer from which the visitor clicked or viewed the item in the 7 \
days before. Answers are counted a few seconds after they were given.`,
  })
  @ApiOkResponse({ type: PlacementReportDto })
  read(@Store() store: string, @Query(QueryPipe) question: PlacementsQueryDto): Promise<PlacementReport> {
    return this.metrics.of(store, question);
  }
}
