import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';
import { EventDto } from '#events';
import { RejectedRecordDto } from '../http/rejected-record.dto.js';
import { exampleEvents } from './example-events.js';

const mostEvents = 1_000;
const size = `must be a list of 1 to ${mostEvents} events`;

export class EventsRequestDto {
  /** Checked one by one by the intake, so that a bad event does not take good ones with it. */
  @ApiProperty({ type: [EventDto], minItems: 1, maxItems: mostEvents, example: exampleEvents })
  @IsArray({ message: size })
  @ArrayMinSize(1, { message: size })
  @ArrayMaxSize(mostEvents, { message: size })
  events!: unknown[];
}

export class EventsAnswerDto {
  @ApiProperty({ description: 'Events stored.', type: 'integer' })
  accepted!: number;

  @ApiProperty({ description: 'Events whose id was known already; they change nothing.', type: 'integer' })
  duplicates!: number;

  @ApiProperty({
    description:
      'Events that occurred before their visitor was erased, or before what the store keeps; nothing of them is stored.',
    type: 'integer',
  })
  withheld!: number;

  @ApiProperty({ type: [RejectedRecordDto] })
  rejected!: RejectedRecordDto[];
}
