import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DeadLetters, EventsModule } from '#events';
import { SessionsModule, SessionStore } from '#sessions';
import { VisitorPrivacy } from './visitor-privacy.js';
import { VisitorReceipts } from './visitor-receipts.js';

/** Provides `VisitorPrivacy` and `VisitorReceipts`; needs `PlatformModule`. */
@Module({
  imports: [EventsModule, SessionsModule],
  providers: [
    {
      provide: VisitorReceipts,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new VisitorReceipts(dataSource),
    },
    {
      provide: VisitorPrivacy,
      inject: [DataSource, SessionStore, DeadLetters, VisitorReceipts],
      useFactory: (...parts: ConstructorParameters<typeof VisitorPrivacy>) => new VisitorPrivacy(...parts),
    },
  ],
  exports: [VisitorPrivacy, VisitorReceipts],
})
export class VisitorsModule {}
