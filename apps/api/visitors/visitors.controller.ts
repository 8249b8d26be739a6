import { Body, Controller, Delete, Get, HttpCode, Param, Post, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Readable } from 'node:stream';
import { VisitorPrivacy, type VisitorReceipt } from '#visitors';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { exportSchema, MergeRequestDto, ReceiptDto } from './visitors.dto.js';

@ApiTags('visitors')
@ApiExtraModels(ReceiptDto)
@Controller('v1/visitors')
export class VisitorsController {
  constructor(private readonly privacy: VisitorPrivacy) {}

  @Post('merge')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make a visitor a part of another, as when somebody signs in',
    description:
      'All events and sessions of `from` become those of `into`, as though they had always been, and so do events of `from` that come later. ' +
      'It cannot be undone. From now on ask for recommendations with `into`.',
  })
  @ApiOkResponse({ type: ReceiptDto })
  merge(@Store() store: string, @Body() { from, into }: MergeRequestDto): Promise<VisitorReceipt> {
    return this.privacy.merge(store, from, into);
  }

  @Get(':id/export')
  @ApiOperation({
    summary: 'Everything that is stored of a visitor',
    description:
      'Of a visitor of whom nothing is stored it is empty. With those who are one with the visitor after merges.',
  })
  @ApiParam({ name: 'id', example: 'visitor-9' })
  @ApiOkResponse({ description: 'The data.', content: { 'application/json': { schema: exportSchema } } })
  async export(@Store() store: string, @Param('id', IdentifierParameterPipe) id: string): Promise<StreamableFile> {
    const pieces = await this.privacy.export(store, id);
    return new StreamableFile(Readable.from(pieces, { objectMode: false }), {
      type: 'application/json; charset=utf-8',
    });
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Forget a visitor',
    description:
      'Deletes all events and sessions of the visitor and of those who are one with the visitor after merges. Events that occurred until now are ' +
      'not taken any more, wherever they come from; later ones are.',
  })
  @ApiParam({ name: 'id', example: 'visitor-9' })
  @ApiOkResponse({ type: ReceiptDto })
  erase(@Store() store: string, @Param('id', IdentifierParameterPipe) id: string): Promise<VisitorReceipt> {
    return this.privacy.erase(store, id);
  }
}
