import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsObject, IsOptional, Max, Min, ValidateIf } from 'class-validator';
import { RECOMMENDATION_SOURCES, REPEAT_MODES, type RecommendationSource, type RepeatMode } from '#domain';
import { IsIdentifier } from '#platform';
import { LIMITS } from '#recommender';
import { IsIdentifierList } from '../http/identifier.js';
import { FilterDto, filterDescription } from './filter.dto.js';

const countRange = `must be a whole number from 1 to ${LIMITS.count}`;

export class RecommendationsRequestDto {
  @ApiPropertyOptional({
    description: 'The items of the session, oldest first. Without it, the open session of the visitor is taken.',
    type: [String],
    maxItems: LIMITS.items,
    example: ['item-1', 'item-2'],
  })
  @IsOptional()
  @IsIdentifierList(LIMITS.items)
  items?: string[];

  @ApiPropertyOptional({ description: 'Whose open session to take when `items` is absent.', example: 'visitor-1' })
  @ValidateIf(
    ({ visitorId, sessionId, items }: RecommendationsRequestDto) =>
      visitorId !== undefined || (sessionId !== undefined && items === undefined),
  )
  @IsIdentifier()
  visitorId?: string;

  @ApiPropertyOptional({ description: 'Which of the visitor’s sessions, by your own name for it.' })
  @IsOptional()
  @IsIdentifier()
  sessionId?: string;

  @ApiPropertyOptional({
    description: 'How many items.',
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.count,
    default: 20,
  })
  @IsOptional()
  @IsInt({ message: countRange })
  @Min(1, { message: countRange })
  @Max(LIMITS.count, { message: countRange })
  count = 20;

  @ApiPropertyOptional({
    description: 'May items of the session come again: all of them, all but the newest, or none?',
    enum: REPEAT_MODES,
    default: 'exceptCurrent',
  })
  @IsOptional()
  @IsIn(REPEAT_MODES, { message: `must be one of ${REPEAT_MODES.join(', ')}` })
  repeat: RepeatMode = 'exceptCurrent';

  @ApiPropertyOptional({
    description: 'Items that must not come; others take their places.',
    type: [String],
    maxItems: LIMITS.exclude,
    example: ['item-3'],
  })
  @IsOptional()
  @IsIdentifierList(LIMITS.exclude)
  exclude: string[] = [];

  /** Checked by `parseFilter`, which names the place of a fault. */
  @ApiPropertyOptional({
    description: filterDescription,
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

export class RecommendationDto {
  @ApiProperty()
  itemId!: string;

  @ApiProperty({ description: 'Higher is better; comparable within one source of one answer.' })
  score!: number;

  @ApiProperty({ description: 'What brought the item in.', enum: RECOMMENDATION_SOURCES })
  source!: RecommendationSource;
}

export class RecommendationsAnswerDto {
  @ApiProperty({ description: 'Name it in the events that follow from this answer.', format: 'uuid' })
  requestId!: string;

  @ApiProperty({ description: 'The model version in service; null before the first.', type: String, nullable: true })
  model!: string | null;

  @ApiProperty({ description: 'Best first.', type: [RecommendationDto] })
  recommendations!: RecommendationDto[];
}
