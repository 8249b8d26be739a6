import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AnswerLedger } from '#attribution';
import { parseFilter, Recommender, type RecommendationAnswer } from '#recommender';
import { Access, Store } from '../http/access.guard.js';
import { Metrics } from '../metrics/metrics.js';
import { RecommendationsAnswerDto, RecommendationsRequestDto } from './recommendations.dto.js';

@ApiTags('recommendations')
@Controller('v1/recommendations')
export class RecommendationsController {
  constructor(
    private readonly recommender: Recommender,
    private readonly ledger: AnswerLedger,
    private readonly metrics: Metrics,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('public')
  @ApiOperation({
    summary: 'What this visitor will want next',
    description: 'There is always an answer: what the network does not fill, trending and popular items do.',
  })
  @ApiOkResponse({ type: RecommendationsAnswerDto })
  async recommend(
    @Store() store: string,
    @Body() { filter, ...request }: RecommendationsRequestDto,
  ): Promise<RecommendationAnswer & { requestId: string }> {
    const answer = await this.recommender.recommend(store, {
      ...request,
      ...(filter && { filter: parseFilter(filter) }),
    });
    for (const { source } of answer.recommendations) this.metrics.recommended.inc({ source });
    const { model, recommendations } = answer;
    return {
      requestId: this.ledger.issue(store, { placement: null, model, items: recommendations.length }),
      ...answer,
    };
  }
}
