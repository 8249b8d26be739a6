import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { IntakeResult } from '#events';
import { Access, Store } from '../http/access.guard.js';
import { Metrics } from '../metrics/metrics.js';
import { Collector } from './collector.js';
import { EventsAnswerDto, EventsRequestDto } from './events.dto.js';

@ApiTags('events')
@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly collector: Collector,
    private readonly metrics: Metrics,
  ) {}

  @Post()
  @HttpCode(202)
  @Access('public')
  @ApiOperation({
    operationId: 'sendEvents',
    summary: 'What visitors did',
    description: 'Each event stands alone: the good ones are stored, each bad one is told with its reason.',
  })
  @ApiAcceptedResponse({ type: EventsAnswerDto })
  async collect(@Store() store: string, @Body() { events }: EventsRequestDto): Promise<IntakeResult> {
    const result = await this.collector.accept(store, events);
    this.metrics.events.inc({ outcome: 'accepted' }, result.accepted);
    this.metrics.events.inc({ outcome: 'duplicate' }, result.duplicates);
    this.metrics.events.inc({ outcome: 'withheld' }, result.withheld);
    this.metrics.events.inc({ outcome: 'rejected' }, result.rejected.length);
    return result;
  }
}
