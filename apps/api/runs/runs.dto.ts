import { ApiProperty } from '@nestjs/swagger';

export class RunDto {
  @ApiProperty()
  store!: string;

  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ description: '`kept`: the old model stays.', enum: ['running', 'promoted', 'kept', 'failed'] })
  outcome!: string;

  @ApiProperty({ type: String, format: 'date-time' })
  startedAt!: string;

  @ApiProperty({ description: 'The last sign of life.', type: String, format: 'date-time' })
  heartbeatAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  finishedAt!: string | null;

  @ApiProperty({ description: 'What it does, or did when it ended.', type: String, nullable: true })
  stage!: string | null;

  @ApiProperty({ description: 'Why it ended so; null while it runs.', type: String, nullable: true })
  reason!: string | null;

  @ApiProperty({ description: 'The model that it stored.', type: String, nullable: true })
  version!: string | null;

  @ApiProperty({ description: 'Who started it.', enum: ['command', 'schedule'] })
  origin!: string;

  @ApiProperty({ description: 'Its process and machine.' })
  process!: string;

  @ApiProperty({
    description:
      'As far as it got: `options`, `data` (window, counts, checksum), `start`, `recipe`, `curve`, `metrics`, `gate`, `usage` (seconds, memory).',
    type: 'object',
    additionalProperties: true,
  })
  details!: object;
}

export class RunsDto {
  @ApiProperty({ description: 'At most 100, the newest first.', type: [RunDto] })
  runs!: RunDto[];
}
