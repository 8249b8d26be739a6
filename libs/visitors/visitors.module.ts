import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DeadLetters, EventsModule } from '#events';
import { SessionsModule, SessionStore } from '#sessions';
import { VisitorHistory } from './visitor-history.js';
import { VisitorPrivacy } from './visitor-privacy.js';
import { VisitorReceipts } from './visitor-receipts.js';

/** Provides `VisitorHistory`, `VisitorPrivacy` and `VisitorReceipts`; needs `PlatformModule`. */
@Module({
  imports: [EventsModule, SessionsModule],
  providers: [
    {
      provide: VisitorHistory,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new VisitorHistory(dataSource),
    },
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
  exports: [VisitorHistory, VisitorPrivacy, VisitorReceipts],
})
export class VisitorsModule {}
