import { ApiProperty } from '@nestjs/swagger';

/** One record of a request that was not taken. */
export class RejectedRecordDto {
  @ApiProperty({ description: 'Its place in the request, from 0.', type: 'integer' })
  index!: number;

  @ApiProperty({ description: 'Stable and machine-readable.' })
  code!: string;

  @ApiProperty({ description: 'What was wrong, and what would be right.' })
  message!: string;
}
