import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '#domain';
import { requireDatabase } from '#platform';
import { ModelsInService, type ModelState } from '#recommender';
import { Access } from '../http/access.guard.js';
import { Drain } from '../http/drain.js';
import { LiveDto, ReadyDto } from './health.dto.js';

/** For whoever keeps the process running and sends it requests. */
@ApiTags('health')
@Controller('health')
@Access('open')
export class HealthController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly models: ModelsInService,
    private readonly drain: Drain,
  ) {}

  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'Does the process run?' })
  @ApiOkResponse({ type: LiveDto })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Should it get requests?',
    description: 'Not without a database. A model that cannot be loaded is told, but popularity answers in its place.',
  })
  @ApiOkResponse({ type: ReadyDto })
  async ready(): Promise<{ status: 'ready'; models: ModelState[] }> {
    if (this.drain.stopping) throw new DomainError('unavailable', 'not_ready', 'Not ready: this process is stopping.');
    await requireDatabase(this.dataSource);
    return { status: 'ready', models: this.models.states() };
  }
}
