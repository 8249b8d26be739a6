import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionsModule, SessionStore } from '#sessions';
import { DeadLetters } from './dead-letters.js';
import { EventIntake } from './event-intake.js';
import { StreamOffsets } from './stream-offsets.js';

/** Provides `EventIntake`, and what a stream's consumer keeps; needs `PlatformModule`. */
@Module({
  imports: [SessionsModule],
  providers: [
    {
      provide: EventIntake,
      inject: [DataSource, SessionStore],
      useFactory: (dataSource: DataSource, sessions: SessionStore) => new EventIntake(dataSource, sessions),
    },
    {
      provide: StreamOffsets,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new StreamOffsets(dataSource),
    },
    { provide: DeadLetters, inject: [DataSource], useFactory: (dataSource: DataSource) => new DeadLetters(dataSource) },
  ],
  exports: [EventIntake, StreamOffsets, DeadLetters],
})
export class EventsModule {}
