import { ApiProperty } from '@nestjs/swagger';

export class PromotionDto {
  @ApiProperty({ type: String, format: 'date-time' })
  at!: string;

  @ApiProperty({ description: 'By whom or why.' })
  reason!: string;
}

export class ModelDto {
  @ApiProperty({ description: 'Sorts by time of creation.' })
  version!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty()
  inService!: boolean;

  @ApiProperty({ description: 'Whether the next rollback returns to it.' })
  rollbackTarget!: boolean;

  @ApiProperty({
    description: 'The last time that it was put in service; null when it never was.',
    type: PromotionDto,
    nullable: true,
  })
  promotion!: PromotionDto | null;

  @ApiProperty({
    description: 'Training window, counts, recipe, seed, metrics, and the checksum of every file.',
    type: 'object',
    additionalProperties: true,
  })
  manifest!: object;
}

export class ModelsDto {
  @ApiProperty({ description: 'The newest first.', type: [ModelDto] })
  models!: ModelDto[];
}

export class InServiceDto {
  @ApiProperty({ description: 'The version that answers now.' })
  inService!: string;
}
