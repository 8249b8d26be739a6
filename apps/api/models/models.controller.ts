import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ModelsInService } from '#recommender';
import { ModelRegistry, type ModelSummary } from '#registry';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { InServiceDto, ModelsDto } from './models.dto.js';

interface InService {
  readonly inService: string;
}

@ApiTags('models')
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly models: ModelsInService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All model versions' })
  @ApiOkResponse({ type: ModelsDto })
  async list(@Store() store: string): Promise<{ models: readonly ModelSummary[] }> {
    return { models: await this.registry.list(store) };
  }

  @Post(':version/promote')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Put a version in service',
    description: 'It is loaded and tried first; a version that cannot be used leaves the old one in service.',
  })
  @ApiOkResponse({ type: InServiceDto })
  async promote(
    @Store() store: string,
    @Param('version', IdentifierParameterPipe) version: string,
  ): Promise<InService> {
    await this.models.promote(store, version, 'promoted over HTTP');
    return { inService: version };
  }

  @Post('rollback')
  @HttpCode(200)
  @ApiOperation({ summary: 'Put the version back in service that the present one replaced' })
  @ApiOkResponse({ type: InServiceDto })
  async rollback(@Store() store: string): Promise<InService> {
    return { inService: await this.models.rollback(store) };
  }
}
