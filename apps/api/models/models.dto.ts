import { ApiProperty } from '@nestjs/swagger';

export class ModelDto {
  @ApiProperty({ description: 'Sorts by time of creation.' })
  version!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  createdAt!: string;

  @ApiProperty()
  inService!: boolean;

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
