import { ApiProperty, ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { RECOMMENDATION_SOURCES, REPEAT_MODES, type RecommendationSource, type RepeatMode } from '#domain';
import { FilterDto, filterDescription } from '#filters';
import { DEFAULT_SETTINGS, PLACEMENT_LIMITS } from '#placements';
import { IsIdentifier } from '#platform';
import { LIMITS } from '#recommender';
import { IsIdentifierList } from '../http/identifier.js';

const countRange = `must be a whole number from 1 to ${LIMITS.count}`;
const days = { message: `must be a whole number of days from 1 to ${PLACEMENT_LIMITS.boughtDays}` };

/** Who asks. */
export class AskerDto {
  @ApiPropertyOptional({
    description: 'The items of the session, oldest first. Without it, the open session of the visitor is taken.',
    type: [String],
    maxItems: LIMITS.items,
    example: ['item-1', 'item-2'],
  })
  @IsOptional()
  @IsIdentifierList(LIMITS.items)
  items?: string[];

  @ApiPropertyOptional({
    description: 'Whose open session to take when `items` is absent, and whose cart and purchases count.',
    example: 'visitor-1',
  })
  @ValidateIf(
    ({ visitorId, sessionId, items }: AskerDto) =>
      visitorId !== undefined || (sessionId !== undefined && items === undefined),
  )
  @IsIdentifier()
  visitorId?: string;

  @ApiPropertyOptional({ description: 'Which of the visitor’s sessions, by your own name for it.' })
  @IsOptional()
  @IsIdentifier()
  sessionId?: string;

  @ApiPropertyOptional({
    description: 'False: nothing that is stored of the visitor is read, and only the given `items` count.',
    default: true,
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  consent?: boolean;
}

/** What is asked for. */
export class WantedDto {
  @ApiPropertyOptional({
    description: `How many items; else as many as the placement says, or ${DEFAULT_SETTINGS.count}.`,
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.count,
    example: DEFAULT_SETTINGS.count,
  })
  @IsOptional()
  @IsInt({ message: countRange })
  @Min(1, { message: countRange })
  @Max(LIMITS.count, { message: countRange })
  count?: number;

  @ApiPropertyOptional({
    description: `May items of the session come again: all of them, all but the newest, or none? Else as the placement says, or ${DEFAULT_SETTINGS.repeat}.`,
    enum: REPEAT_MODES,
    example: DEFAULT_SETTINGS.repeat,
  })
  @IsOptional()
  @IsIn(REPEAT_MODES, { message: `must be one of ${REPEAT_MODES.join(', ')}` })
  repeat?: RepeatMode;

  @ApiPropertyOptional({
    description: 'Items that must not come, besides those that the placement excludes; others take their places.',
    type: [String],
    maxItems: LIMITS.exclude,
    example: ['item-3'],
  })
  @IsOptional()
  @IsIdentifierList(LIMITS.exclude)
  exclude?: string[];

  @ApiPropertyOptional({
    description:
      'Keep out what is in the visitor’s cart: what was added in the last 30 days less what was removed or bought. Else as the placement says.',
    example: true,
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  excludeCart?: boolean;

  @ApiPropertyOptional({
    description: 'Keep out what the visitor bought during so many days. Else as the placement says.',
    type: 'integer',
    minimum: 1,
    maximum: PLACEMENT_LIMITS.boughtDays,
    example: 30,
  })
  @IsOptional()
  @IsInt(days)
  @Min(1, days)
  @Max(PLACEMENT_LIMITS.boughtDays, days)
  excludeBoughtDays?: number;

  /** Checked by `parseFilter`, which names the place of a fault. */
  @ApiPropertyOptional({
    description: `${filterDescription} A filter of the placement counts beside it.`,
    type: () => FilterDto,
    example: {
      and: [
        { field: 'categories', in: ['Shirts', 'Coats'] },
        { field: 'price', lt: 100 },
      ],
    },
  })
  @IsOptional()
  @IsObject({ message: 'must be an object such as {"field":"price","lt":20}' })
  filter?: object;
}

export class RecommendationsRequestDto extends IntersectionType(AskerDto, WantedDto) {
  @ApiPropertyOptional({
    description:
      'The name of a placement, whose settings count where the request says nothing else. Without it `next-item` answers.',
  })
  @IsOptional()
  @IsIdentifier()
  placement?: string;
}

export class RecommendationDto {
  @ApiProperty()
  itemId!: string;

  @ApiProperty({
    description: 'At least 0; higher is better; comparable within one source of one answer. 0 for a pinned item.',
  })
  score!: number;

  @ApiProperty({
    description: 'What brought the item in; `rule`: a rule of the placement pinned it.',
    enum: RECOMMENDATION_SOURCES,
  })
  source!: RecommendationSource;

  @ApiPropertyOptional({ description: 'The item of the session, or of the cart, that led to it, where there is one.' })
  because?: string;

  @ApiPropertyOptional({
    description:
      'What boost and bury rules of the placement multiplied the score with. Absent when none fits the item.',
  })
  factor?: number;
}

export class RecommendationsAnswerDto {
  @ApiPropertyOptional({ description: 'As in the request.' })
  placement?: string;

  @ApiProperty({ description: 'Name it in the events that follow from this answer.', format: 'uuid' })
  requestId!: string;

  @ApiProperty({ description: 'The model version in service; null before the first.', type: String, nullable: true })
  model!: string | null;

  @ApiProperty({ description: 'Best first.', type: [RecommendationDto] })
  recommendations!: RecommendationDto[];
}
