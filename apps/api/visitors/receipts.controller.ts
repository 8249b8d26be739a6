import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { VisitorReceipts, type VisitorReceipt } from '#visitors';
import { Store } from '../http/access.guard.js';
import { IdentifierParameterPipe } from '../http/identifier-parameter.pipe.js';
import { ReceiptDto } from './visitors.dto.js';

@ApiTags('visitors')
@Controller('v1/receipts')
export class ReceiptsController {
  constructor(private readonly receipts: VisitorReceipts) {}

  @Get(':receiptId')
  @ApiOperation({
    summary: 'The receipt of a merge, an export or an erasure',
    description: 'It stays when the visitor is erased, and does not say who it was.',
  })
  @ApiOkResponse({ type: ReceiptDto })
  find(
    @Store() store: string,
    @Param('receiptId', IdentifierParameterPipe) receiptId: string,
  ): Promise<VisitorReceipt> {
    return this.receipts.find(store, receiptId);
  }
}
