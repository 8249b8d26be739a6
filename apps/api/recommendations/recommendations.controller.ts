import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RecommendationSource } from '#domain';
import { parseFilter, type Filter } from '#filters';
import { Recommender, type RecommendationAnswer } from '#recommender';
import { Access, Store } from '../http/access.guard.js';
import { Metrics } from '../metrics/metrics.js';
import { BatchAnswersDto, BatchRequestDto } from './batch.dto.js';
import { RecommendationsAnswerDto, RecommendationsRequestDto, type WantedDto } from './recommendations.dto.js';

@ApiTags('recommendations')
@Controller('v1/recommendations')
export class RecommendationsController {
  constructor(
    private readonly recommender: Recommender,
    private readonly metrics: Metrics,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('public')
  @ApiOperation({
    operationId: 'recommend',
    summary: 'What this visitor will want next',
    description:
      'There is always an answer: what the network does not fill, trending and popular items do. A placement can say something else.',
  })
  @ApiOkResponse({ type: RecommendationsAnswerDto })
  async recommend(@Store() store: string, @Body() request: RecommendationsRequestDto): Promise<RecommendationAnswer> {
    const answer = await this.recommender.recommend(store, withFilter(request, 'filter'));
    this.count(answer);
    return answer;
  }

  @Post('batch')
  @HttpCode(200)
  @Access('public')
  @ApiOperation({
    summary: 'What this visitor will want next, for several placements of one page',
    description:
      'No item comes twice; the earlier placements choose first. When one placement is not known, there is no answer.',
  })
  @ApiOkResponse({ type: BatchAnswersDto })
  async recommendAll(
    @Store() store: string,
    @Body() { placements, ...request }: BatchRequestDto,
  ): Promise<{ answers: readonly RecommendationAnswer[] }> {
    const answers = await this.recommender.recommendAll(store, {
      ...request,
      placements: placements.map((wanted, index) => withFilter(wanted, `placements[${index}].filter`)),
    });
    for (const answer of answers) this.count(answer);
    return { answers };
  }

  private count({ recommendations }: RecommendationAnswer): void {
    const counts: Partial<Record<RecommendationSource, number>> = {};
    for (const { source } of recommendations) counts[source] = (counts[source] ?? 0) + 1;
    for (const [source, count] of Object.entries(counts)) this.metrics.recommended.inc({ source }, count);
  }
}

/** @param place of the filter in the body */
function withFilter<T extends WantedDto>(
  { filter, ...wanted }: T,
  place: string,
): Omit<T, 'filter'> & { readonly filter?: Filter } {
  return { ...wanted, ...(filter && { filter: parseFilter(filter, place) }) };
}
