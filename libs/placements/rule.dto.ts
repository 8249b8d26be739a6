import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsNumber, IsObject, IsOptional, Max, Min } from 'class-validator';
import { FilterDto } from '#filters';
import { IsIdentifier, IsInstant } from '#platform';
import { PLACEMENT_LIMITS } from './settings.js';

const aFilter = { message: 'must be a filter, such as {"field":"categories","eq":"Shirts"}' };
const position = { message: `must be a whole number from 1 to ${PLACEMENT_LIMITS.count}` };
const factor = {
  message: `must be above 1 and at most ${PLACEMENT_LIMITS.factor} for a boost, at least ${1 / PLACEMENT_LIMITS.factor} and below 1 for a bury`,
};

/** A rule as a shop writes it: one of `pin`, `boost`, `bury` and `hide`. `parseRule` says what goes together. */
export class RuleDto {
  @ApiPropertyOptional({
    description:
      'An item to put at `position`. It gives up its place when it is not on sale, excluded, hidden or not let through by the filter.',
    example: 'item-2',
  })
  @IsOptional()
  @IsIdentifier()
  pin?: string | null;

  @ApiPropertyOptional({ description: 'Of a pin.', type: 'integer', minimum: 1, maximum: PLACEMENT_LIMITS.count })
  @IsOptional()
  @IsInt(position)
  @Min(1, position)
  @Max(PLACEMENT_LIMITS.count, position)
  position?: number | null;

  @ApiPropertyOptional({
    description: 'Multiplies the scores of items that this filter lets through with `factor`, above 1.',
    type: () => FilterDto,
  })
  @IsOptional()
  @IsObject(aFilter)
  boost?: object | null;

  @ApiPropertyOptional({
    description: 'Multiplies the scores of items that this filter lets through with `factor`, below 1.',
    type: () => FilterDto,
  })
  @IsOptional()
  @IsObject(aFilter)
  bury?: object | null;

  @ApiPropertyOptional({
    description: 'Of a boost or a bury. Factors of several rules that act on one item are multiplied.',
    minimum: 1 / PLACEMENT_LIMITS.factor,
    maximum: PLACEMENT_LIMITS.factor,
  })
  @IsOptional()
  @IsNumber({}, factor)
  @Min(1 / PLACEMENT_LIMITS.factor, factor)
  @Max(PLACEMENT_LIMITS.factor, factor)
  factor?: number | null;

  @ApiPropertyOptional({ description: 'Keeps out the items that this filter lets through.', type: () => FilterDto })
  @IsOptional()
  @IsObject(aFilter)
  hide?: object | null;

  @ApiPropertyOptional({ description: 'Acts from this time on. ISO 8601 with the offset.', format: 'date-time' })
  @IsOptional()
  @IsInstant()
  from?: string | null;

  @ApiPropertyOptional({ description: 'Acts until this time, and then no more.', format: 'date-time' })
  @IsOptional()
  @IsInstant()
  until?: string | null;
}
