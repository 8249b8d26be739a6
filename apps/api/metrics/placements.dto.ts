import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { MOST_DAYS } from '#attribution';
import { IsDay, IsIdentifier } from '#platform';

export class PlacementsQueryDto {
  @ApiPropertyOptional({
    description: `The first day (UTC), at most ${MOST_DAYS - 1} days before the last; 29 days before it unless given.`,
    format: 'date',
    example: '2026-01-01',
  })
  @IsOptional()
  @IsDay()
  from?: string;

  @ApiPropertyOptional({ description: 'The last day; today unless given.', format: 'date', example: '2026-01-31' })
  @IsOptional()
  @IsDay()
  until?: string;

  @ApiPropertyOptional({ description: 'Only this placement.', example: 'home' })
  @IsOptional()
  @IsIdentifier()
  placement?: string;
}

export class RevenueDto {
  @ApiProperty({ description: 'ISO 4217; null when the purchases named none.', type: String, nullable: true })
  currency!: string | null;

  @ApiProperty({ description: 'Units times price.' })
  amount!: number;
}

export class PlacementFiguresDto {
  @ApiProperty({ description: 'The day of the answers, UTC.', format: 'date' })
  day!: string;

  @ApiProperty({ description: 'Null for answers to requests that named none.', type: String, nullable: true })
  placement!: string | null;

  @ApiProperty({ description: 'The model version; null before the first.', type: String, nullable: true })
  model!: string | null;

  @ApiProperty({ description: 'Answers given.', type: 'integer' })
  requests!: number;

  @ApiProperty({ description: 'Items in them.', type: 'integer' })
  items!: number;

  @ApiProperty({
    description: 'Items shown: those of `impression` events; once for each answer and item.',
    type: 'integer',
  })
  impressions!: number;

  @ApiProperty({
    description: 'Items clicked: those of `click` and `view` events; once for each answer and item.',
    type: 'integer',
  })
  clicks!: number;

  @ApiProperty({ description: 'Units put into the cart.', type: 'integer' })
  carts!: number;

  @ApiProperty({ description: 'Units purchased.', type: 'integer' })
  purchases!: number;

  @ApiProperty({ description: 'By currency; what was purchased without a price is not in it.', type: [RevenueDto] })
  revenue!: RevenueDto[];

  @ApiProperty({ description: 'Clicks by impressions; null without impressions.', type: Number, nullable: true })
  clickThroughRate!: number | null;
}

export class PlacementReportDto {
  @ApiProperty({ format: 'date' })
  from!: string;

  @ApiProperty({ format: 'date' })
  until!: string;

  @ApiProperty({ description: 'By day, placement and model.', type: [PlacementFiguresDto] })
  figures!: PlacementFiguresDto[];
}
