import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Configuration } from '#platform';
import { SessionStore } from './session-store.js';

/** Provides `SessionStore`; needs `PlatformModule`. */
@Module({
  providers: [
    {
      provide: SessionStore,
      inject: [DataSource, Configuration],
      useFactory: (dataSource: DataSource, { sessionGapMinutes }: Configuration) =>
        new SessionStore(dataSource, sessionGapMinutes * 60_000),
    },
  ],
  exports: [SessionStore],
})
export class SessionsModule {}
