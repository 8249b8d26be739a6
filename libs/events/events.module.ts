import { Logger, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { reasonOf } from '#platform';
import { SessionsModule, SessionStore } from '#sessions';
import { DeadLetters } from './dead-letters.js';
import { EventIntake } from './event-intake.js';
import { makeEventPartitionsAhead } from './event-partitions.js';
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
export class EventsModule implements OnApplicationBootstrap {
  constructor(private readonly dataSource: DataSource) {}

  /** So that a new month has its partition where no nightly job makes it. Without one events go to the default partition. */
  async onApplicationBootstrap(): Promise<void> {
    try {
      await makeEventPartitionsAhead(this.dataSource, Date.now());
    } catch (error) {
      new Logger(EventsModule.name).warn(`The next months could not get their partitions yet: ${reasonOf(error)}`);
    }
  }
}
