import { Controller, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ModelsInService } from '#recommender';
import { ModelRegistry, type ModelSummary } from '#registry';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { InServiceDto, ModelsDto } from './models.dto.js';

interface InService {
  readonly inService: string;
}

/** A report is a page with a style sheet and nothing else: whatever came into it from a catalogue, no script of it runs. */
const reportPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

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

  @Get(':version/report')
  @ApiOperation({
    operationId: 'getModelReport',
    summary: 'How good a version is and where it is not',
    description:
      'A page for a person; with `Accept: application/json` its figures for a program. `nextpick evaluate` makes it.',
  })
  @ApiOkResponse({
    description: 'The report.',
    content: {
      'text/html': { schema: { type: 'string' } },
      'application/json': { schema: { type: 'object', additionalProperties: true } },
    },
  })
  async report(
    @Store() store: string,
    @Param('version', IdentifierParameterPipe) version: string,
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string | object> {
    const { report, page } = await this.registry.report(store, version);
    void reply.header('vary', 'Accept, Origin');
    if (asksForJson(accept)) return report;
    void reply.headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': reportPolicy });
    return page;
  }

  @Post(':version/promote')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'promoteModel',
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
  @ApiOperation({
    operationId: 'rollBackModel',
    summary: 'Put the version back in service that the present one replaced',
  })
  @ApiOkResponse({ type: InServiceDto })
  async rollback(@Store() store: string): Promise<InService> {
    return { inService: await this.models.rollback(store) };
  }
}

/** Whether an Accept header names JSON and not HTML, as a program's does and a browser's does not. */
function asksForJson(accept = ''): boolean {
  return /\bapplication\/json\b/i.test(accept) && !/\btext\/html\b/i.test(accept);
}
