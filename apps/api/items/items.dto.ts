import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { ItemDto } from '#catalog';
import { RejectedRecordDto } from '../http/rejected-record.dto.js';

const mostItems = 1_000;
const size = `must be a list of 1 to ${mostItems} items`;

export class ItemsRequestDto {
  /** Checked one by one by the catalogue, so that a bad item does not take good ones with it. */
  @ApiProperty({
    type: [ItemDto],
    minItems: 1,
    maxItems: mostItems,
    example: [
      { itemId: 'item-1', title: 'Linen shirt', price: 39.9, currency: 'EUR', categories: ['Clothing', 'Shirts'] },
      { itemId: 'item-2', title: 'Wool coat', available: false },
    ],
  })
  @IsArray({ message: size })
  @ArrayMinSize(1, { message: size })
  @ArrayMaxSize(mostItems, { message: size })
  items!: unknown[];
}

export class ItemsAnswerDto {
  @ApiProperty({ description: 'Items stored.', type: 'integer' })
  accepted!: number;

  @ApiProperty({ type: [RejectedRecordDto] })
  rejected!: RejectedRecordDto[];
}
