import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  MaxLength,
  Min,
} from 'class-validator';
import { IsIdentifier, IsInstant } from '#platform';

/** The item contract: what a shop says about an item. A field that is not here is refused; `null` counts as absent. */
export class ItemDto {
  @ApiProperty({ example: 'sku-1042' })
  @IsIdentifier()
  itemId!: string;

  @ApiPropertyOptional({ example: 'Blue kettle, 1.7 l' })
  @IsOptional()
  @IsString({ message: 'must be a text' })
  @Matches(/^\P{Cc}*$/u, { message: 'must not contain control characters' })
  @MaxLength(1000, { message: 'must have at most 1000 characters' })
  title?: string | null;

  @ApiPropertyOptional({ example: 'https://shop.example/blue-kettle' })
  @IsOptional()
  @IsUrl({ require_tld: false }, { message: 'must be a web address' })
  @MaxLength(2000, { message: 'must have at most 2000 characters' })
  url?: string | null;

  @ApiPropertyOptional({ example: 'https://shop.example/blue-kettle.jpg' })
  @IsOptional()
  @IsUrl({ require_tld: false }, { message: 'must be a web address' })
  @MaxLength(2000, { message: 'must have at most 2000 characters' })
  imageUrl?: string | null;

  @ApiPropertyOptional({ example: 24.9, minimum: 0 })
  @IsOptional()
  @IsNumber({}, { message: 'must be a number' })
  @Min(0, { message: 'must not be negative' })
  price?: number | null;

  @ApiPropertyOptional({ example: 'EUR', description: 'ISO 4217.' })
  @IsOptional()
  @Matches(/^[A-Z]{3}$/, { message: 'must be three capital letters (ISO 4217)' })
  currency?: string | null;

  @ApiPropertyOptional({ example: ['Kitchen', 'Kettles'], description: 'From the general to the particular.' })
  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ArrayMaxSize(50, { message: 'must have at most 50 entries' })
  @IsIdentifier({ each: true })
  categories?: string[] | null;

  @ApiPropertyOptional({ example: true, default: true, description: 'False takes it out of every answer.' })
  @IsOptional()
  @IsBoolean({ message: 'must be true or false' })
  available?: boolean | null;

  @ApiPropertyOptional({
    example: '2026-01-31T08:00:00+01:00',
    format: 'date-time',
    description: 'On sale from this time on; before, it is in no answer. ISO 8601 with the offset from UTC.',
  })
  @IsOptional()
  @IsInstant()
  availableFrom?: string | null;

  @ApiPropertyOptional({
    example: '2036-01-31T20:00:00+01:00',
    format: 'date-time',
    description: 'On sale until this time; from then on it is in no answer. After `availableFrom`.',
  })
  @IsOptional()
  @IsInstant()
  availableUntil?: string | null;

  @ApiPropertyOptional({ example: { colour: 'blue' }, description: 'Anything else, at most 16 KB as JSON.' })
  @IsOptional()
  @IsObject({ message: 'must be an object' })
  attributes?: Record<string, unknown> | null;
}
