import { ApiProperty } from '@nestjs/swagger';

export class LiveDto {
  @ApiProperty({ enum: ['live'] })
  status!: 'live';
}

export class ModelStateDto {
  @ApiProperty()
  store!: string;

  @ApiProperty({
    description: 'The version that answers; null when popularity has to.',
    type: String,
    nullable: true,
  })
  serving!: string | null;

  @ApiProperty({
    description: 'Why the promoted version is not the one that answers; null when it is.',
    type: String,
    nullable: true,
  })
  problem!: string | null;
}

export class ReadyDto {
  @ApiProperty({ enum: ['ready'] })
  status!: 'ready';

  @ApiProperty({ type: [ModelStateDto] })
  models!: ModelStateDto[];
}
