import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PlacementStore } from './placement-store.js';

/** Provides `PlacementStore`; needs `PlatformModule`. */
@Module({
  providers: [
    {
      provide: PlacementStore,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new PlacementStore(dataSource),
    },
  ],
  exports: [PlacementStore],
})
export class PlacementsModule {}
