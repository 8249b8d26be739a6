import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, ValidateNested } from 'class-validator';
import { IsIdentifier } from '#platform';
import { LIMITS } from '#recommender';
import { IsIdentifierList } from '../http/identifier.js';
import { AskerDto, RecommendationsAnswerDto, WantedDto } from './recommendations.dto.js';

/** What is asked for in one place of the page. */
export class BatchPlacementDto extends WantedDto {
  @ApiProperty({ description: 'The name of a placement.', example: 'home' })
  @IsIdentifier()
  placement!: string;
}

const size = { message: `must be a list of 1 to ${LIMITS.placements} placements` };

export class BatchRequestDto extends AskerDto {
  /** Its fields that are lists of objects. */
  static readonly lists = { placements: { of: BatchPlacementDto, most: LIMITS.placements } };

  @ApiPropertyOptional({
    description: 'Items that must not come in any of the answers.',
    type: [String],
    maxItems: LIMITS.exclude,
    example: ['item-3'],
  })
  @IsOptional()
  @IsIdentifierList(LIMITS.exclude)
  exclude?: string[];

  @ApiProperty({
    description:
      'The places of the page, the most important first: no item comes twice, and the earlier ones choose first.',
    type: [BatchPlacementDto],
    minItems: 1,
    maxItems: LIMITS.placements,
    example: [
      { placement: 'home', count: 8 },
      { placement: 'product', filter: { field: 'price', lt: 100 } },
    ],
  })
  @IsArray(size)
  @ArrayMinSize(1, size)
  @ArrayMaxSize(LIMITS.placements, size)
  @ValidateNested({ each: true, message: 'must be an object such as {"placement":"home"}' })
  placements!: BatchPlacementDto[];
}

/** An answer for one place of the page. */
class BatchAnswerDto extends RecommendationsAnswerDto {
  @ApiProperty({ description: 'As in the request.' })
  override placement!: string;
}

export class BatchAnswersDto {
  @ApiProperty({ description: 'One for each placement, in the order of the request.', type: [BatchAnswerDto] })
  answers!: BatchAnswerDto[];
}
