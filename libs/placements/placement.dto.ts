import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { REPEAT_MODES, STRATEGY_NAMES, type RepeatMode, type StrategyName } from '#domain';
import { FilterDto, filterDescription } from '#filters';
import { IsIdentifier } from '#platform';
import { RuleDto } from './rule.dto.js';
import { DEFAULT_SETTINGS, PLACEMENT_LIMITS } from './settings.js';

const strategies = `must be one of ${STRATEGY_NAMES.join(', ')}`;
const someStrategies = { message: `must be a list of at most ${STRATEGY_NAMES.length} names of strategies` };
const ids = { message: `must be a list of at most ${PLACEMENT_LIMITS.exclude} ids` };
const someRules = { message: `must be a list of at most ${PLACEMENT_LIMITS.rules} rules` };
const count = { message: `must be a whole number from 1 to ${PLACEMENT_LIMITS.count}` };
const diversity = { message: 'must be a number from 0 to 1' };
const days = { message: `must be a whole number of days from 1 to ${PLACEMENT_LIMITS.boughtDays}` };

/** The contract of a placement's settings. What is left out is as in a request without a placement. */
export class PlacementDto {
  /** Its fields that are lists of objects. */
  static readonly lists = { rules: { of: RuleDto, most: PLACEMENT_LIMITS.rules } };

  @ApiPropertyOptional({
    description: 'What finds the items.',
    enum: STRATEGY_NAMES,
    default: DEFAULT_SETTINGS.strategy,
  })
  @IsOptional()
  @IsIn(STRATEGY_NAMES, { message: strategies })
  strategy?: StrategyName | null;

  @ApiPropertyOptional({
    description:
      'Asked in this order for what the strategy leaves open; after them popular items come, so that the answer is full. With `[]` nothing is asked, and the answer may be short or empty.',
    enum: STRATEGY_NAMES,
    isArray: true,
    default: DEFAULT_SETTINGS.fallbacks,
  })
  @IsOptional()
  @IsArray(someStrategies)
  @ArrayMaxSize(STRATEGY_NAMES.length, someStrategies)
  @IsIn(STRATEGY_NAMES, { each: true, message: `each of it ${strategies}` })
  fallbacks?: StrategyName[] | null;

  @ApiPropertyOptional({
    description: 'How many items, unless the request says.',
    type: 'integer',
    minimum: 1,
    maximum: PLACEMENT_LIMITS.count,
    default: DEFAULT_SETTINGS.count,
    example: 8,
  })
  @IsOptional()
  @IsInt(count)
  @Min(1, count)
  @Max(PLACEMENT_LIMITS.count, count)
  count?: number | null;

  @ApiPropertyOptional({
    description: 'May items of the session come again: all of them, all but the newest, or none?',
    enum: REPEAT_MODES,
    default: DEFAULT_SETTINGS.repeat,
  })
  @IsOptional()
  @IsIn(REPEAT_MODES, { message: `must be one of ${REPEAT_MODES.join(', ')}` })
  repeat?: RepeatMode | null;

  @ApiPropertyOptional({
    description: filterDescription,
    type: () => FilterDto,
    example: { not: { field: 'categories', eq: 'Gift cards' } },
  })
  @IsOptional()
  @IsObject({ message: 'must be an object such as {"field":"price","lt":20}' })
  filter?: object | null;

  @ApiPropertyOptional({
    description:
      'Maximal marginal relevance over the categories. 0: as ranked; 1: items as different in their categories as can be; 0.3 is a good start.',
    minimum: 0,
    maximum: 1,
    default: DEFAULT_SETTINGS.diversity,
    example: 0.3,
  })
  @IsOptional()
  @IsNumber({}, diversity)
  @Min(0, diversity)
  @Max(1, diversity)
  diversity?: number | null;

  @ApiPropertyOptional({
    description: 'Items that never come here.',
    type: [String],
    maxItems: PLACEMENT_LIMITS.exclude,
    default: DEFAULT_SETTINGS.exclude,
  })
  @IsOptional()
  @IsArray(ids)
  @ArrayMaxSize(PLACEMENT_LIMITS.exclude, ids)
  @IsIdentifier({ each: true })
  exclude?: string[] | null;

  @ApiPropertyOptional({
    description:
      'Keep out what is in the visitor’s cart: what was added in the last 30 days less what was removed or bought.',
    default: DEFAULT_SETTINGS.excludeCart,
    example: true,
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  excludeCart?: boolean | null;

  @ApiPropertyOptional({
    description: 'Keep out what the visitor bought during so many days.',
    type: 'integer',
    minimum: 1,
    maximum: PLACEMENT_LIMITS.boughtDays,
    example: 365,
  })
  @IsOptional()
  @IsInt(days)
  @Min(1, days)
  @Max(PLACEMENT_LIMITS.boughtDays, days)
  excludeBoughtDays?: number | null;

  @ApiPropertyOptional({
    description: `What a merchandiser wants, whatever the strategy finds; each rule pins, boosts, buries or hides, and may have a time. They act in this \
order: hidden items are out before the best are chosen; boosts and buries change the scores of each strategy's items; diversity \
chooses among these; pinned items take their positions. At most ${PLACEMENT_LIMITS.weights} of them boost or bury.`,
    type: () => [RuleDto],
    maxItems: PLACEMENT_LIMITS.rules,
    default: DEFAULT_SETTINGS.rules,
    example: [
      { pin: 'item-2', position: 1, from: '2026-11-27T00:00:00Z', until: '2036-12-01T00:00:00Z' },
      { boost: { field: 'categories', eq: 'Shirts' }, factor: 2 },
      { bury: { field: 'price', lt: 5 }, factor: 0.5 },
      { hide: { field: 'attributes.clearance', eq: true } },
    ],
  })
  @IsOptional()
  @IsArray(someRules)
  @ArrayMaxSize(PLACEMENT_LIMITS.rules, someRules)
  @ValidateNested({ each: true, message: 'must be a rule, such as {"pin":"sku-1042","position":1}' })
  rules?: RuleDto[] | null;
}

/** A placement in a list. */
export class NamedPlacementDto extends PlacementDto {
  @ApiProperty({ description: 'What requests call it.', example: 'home-top' })
  name!: string;
}
