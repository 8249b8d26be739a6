import { Body, Controller, Delete, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { CatalogStore, type PutResult } from '#catalog';
import { DomainError } from '#domain';
import { Recommender } from '#recommender';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { ItemsAnswerDto, ItemsRequestDto } from './items.dto.js';

@ApiTags('items')
@Controller('v1/items')
export class ItemsController {
  constructor(
    private readonly catalog: CatalogStore,
    private readonly recommender: Recommender,
  ) {}

  @Put()
  @ApiOperation({
    summary: 'What the shop sells',
    description:
      'An item that is known is replaced as a whole. Each item stands alone: the good ones are stored, each bad one is told with its reason.',
  })
  @ApiOkResponse({ type: ItemsAnswerDto })
  async put(@Store() store: string, @Body() { items }: ItemsRequestDto): Promise<PutResult> {
    const result = await this.catalog.put(store, items);
    this.recommender.catalogueChanged(store);
    return result;
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'deleteItem',
    summary: 'Forget what is known of an item',
    description: 'To keep an item out of answers, put it with `available` false instead.',
  })
  @ApiParam({ name: 'id', example: 'item-1' })
  @ApiNoContentResponse()
  async remove(@Store() store: string, @Param('id', IdentifierParameterPipe) id: string): Promise<void> {
    const removed = await this.catalog.remove(store, id);
    if (!removed)
      throw new DomainError('notFound', 'item_not_found', `The catalogue has no item ${id}.`, { itemId: id });
    this.recommender.catalogueChanged(store);
  }
}
