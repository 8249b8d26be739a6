import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionsModule, SessionStore } from '#sessions';
import { EventIntake } from './event-intake.js';

/** Provides `EventIntake`; needs `PlatformModule`. */
@Module({
  imports: [SessionsModule],
  providers: [
    {
      provide: EventIntake,
      inject: [DataSource, SessionStore],
      useFactory: (dataSource: DataSource, sessions: SessionStore) => new EventIntake(dataSource, sessions),
    },
  ],
  exports: [EventIntake],
})
export class EventsModule {}
