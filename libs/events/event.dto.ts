import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { EVENT_TYPES, type EventType } from '#domain';
import { IsIdentifier, IsInstant } from '#platform';

/** The most entries that `items` may have. */
export const ITEMS_PER_EVENT = 1000;

/** What is wrong with more of them. */
export const TOO_MANY_ITEMS = `must have at most ${ITEMS_PER_EVENT} entries`;

/** One item that an event is about. */
export class EventItemDto {
  @ApiProperty({ example: 'sku-1042' })
  @IsIdentifier()
  itemId!: string;

  @ApiPropertyOptional({ example: 2, minimum: 1 })
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  @Max(1_000_000_000, { message: 'must be at most 1000000000' })
  quantity?: number | null;

  @ApiPropertyOptional({ example: 24.9, minimum: 0, description: "Price of one unit, in the event's currency." })
  @IsOptional()
  @IsNumber({}, { message: 'must be a number' })
  @Min(0, { message: 'must not be negative' })
  price?: number | null;

  @ApiPropertyOptional({ example: 1, minimum: 1, description: 'Place in the list that was shown, from 1.' })
  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  position?: number | null;
}

/** The event contract: what a shop sends. A field that is not here is refused; `null` counts as absent. */
export class EventDto {
  @ApiProperty({ example: 'event-1', description: 'Unique in the shop: an id that is known is a duplicate.' })
  @IsIdentifier()
  eventId!: string;

  @ApiProperty({ enum: EVENT_TYPES, example: 'view' })
  @IsIn(EVENT_TYPES, { message: `must be one of ${EVENT_TYPES.join(', ')}` })
  type!: EventType;

  @ApiProperty({ example: 'visitor-7' })
  @IsIdentifier()
  visitorId!: string;

  @ApiPropertyOptional({ example: 'customer-12', description: 'The signed-in customer.' })
  @IsOptional()
  @IsIdentifier()
  userId?: string | null;

  @ApiPropertyOptional({
    example: 'visit-99',
    description: "The shop's own name of the session. Without it sessions end after 30 minutes of silence.",
  })
  @IsOptional()
  @IsIdentifier()
  sessionId?: string | null;

  @ApiPropertyOptional({ example: 'sku-1042', description: 'Either `itemId` or `items`; a search needs neither.' })
  @IsOptional()
  @IsIdentifier()
  itemId?: string | null;

  @ApiPropertyOptional({ type: [EventItemDto], description: 'For an event about several items, or with quantities.' })
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayNotEmpty({ message: 'must not be empty' })
  @ArrayMaxSize(ITEMS_PER_EVENT, { message: TOO_MANY_ITEMS })
  @ValidateNested({ each: true, message: 'must be a list of objects' })
  items?: EventItemDto[] | null;

  @ApiProperty({ example: '2026-01-31T12:30:00.000Z', description: 'ISO 8601 with the offset from UTC.' })
  @IsInstant()
  occurredAt!: string;

  @ApiPropertyOptional({ example: 'EUR', description: 'ISO 4217.' })
  @IsOptional()
  @Matches(/^[A-Z]{3}$/, { message: 'must be three capital letters (ISO 4217)' })
  currency?: string | null;

  @ApiPropertyOptional({ example: 'order-5' })
  @IsOptional()
  @IsIdentifier()
  orderId?: string | null;

  @ApiPropertyOptional({ description: 'The `requestId` of the recommendation answer that led here.' })
  @IsOptional()
  @IsIdentifier()
  requestId?: string | null;

  @ApiPropertyOptional({
    description: 'False, or anything but true: the visitor does not agree. Nothing of the event is stored.',
  })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  consent?: boolean | null;
}

/** The event contract where no key names the store, as on Kafka: the event does. */
export class StoreEventDto extends EventDto {
  @IsOptional()
  @IsIdentifier()
  store?: string | null;
}
