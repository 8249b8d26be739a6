import { ApiProperty } from '@nestjs/swagger';
import { IsIdentifier } from '#platform';
import { RECEIPT_KINDS, type ReceiptKind } from '#visitors';

export class MergeRequestDto {
  @ApiProperty({ example: 'anonymous-1', description: 'The visitor that becomes a part of the other.' })
  @IsIdentifier()
  from!: string;

  @ApiProperty({ example: 'customer-7', description: 'The visitor that has both from now on.' })
  @IsIdentifier()
  into!: string;
}

export class ReceiptDto {
  @ApiProperty({ format: 'uuid', example: '3f1f1c1e-6a0d-4d0c-9a57-0a6f3a1d2b4c' })
  receiptId!: string;

  @ApiProperty({ enum: RECEIPT_KINDS })
  kind!: ReceiptKind;

  @ApiProperty({ type: String, format: 'date-time' })
  at!: Date;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { events: 12, sessions: 2 },
    description:
      'How many of what: `events` and `sessions`; of a merge also `withheld` (events from before an erasure, which were deleted); of an ' +
      'export and an erasure also `aliases` and `deadLetters`.',
  })
  counts!: Readonly<Record<string, number>>;
}

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;
const listOf = (properties: Record<string, object>, description: string) => ({
  type: 'array',
  description,
  items: { type: 'object', additionalProperties: true, properties },
});

/** What an export holds; it is never in memory as a whole, so it is no class. */
export const exportSchema = {
  type: 'object',
  required: ['store', 'visitorId', 'exportedAt', 'aliases', 'events', 'sessions', 'deadLetters', 'receipt'],
  properties: {
    store: text,
    visitorId: { ...text, description: 'The one asked for, or the one that it was merged into.' },
    exportedAt: time,
    aliases: { type: 'array', items: text, description: 'Visitors that were merged into it.' },
    events: listOf(
      { eventId: text, type: text, visitorId: text, occurredAt: time, receivedAt: time },
      'With all fields of the event contract that were given; the oldest first.',
    ),
    sessions: listOf({ visitorId: text, startedAt: time, endedAt: time }, 'With their steps; the oldest first.'),
    deadLetters: listOf(
      { code: text, message: text, key: text, value: text, receivedAt: time },
      'Records from Kafka with the visitor as their key that could not be taken, as they came.',
    ),
    receipt: { $ref: '#/components/schemas/ReceiptDto' },
  },
};
