import { Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CatalogStore } from './catalog-store.js';

/** Provides `CatalogStore`; needs `PlatformModule`. */
@Module({
  providers: [
    {
      provide: CatalogStore,
      inject: [DataSource],
      useFactory: (dataSource: DataSource) => new CatalogStore(dataSource),
    },
  ],
  exports: [CatalogStore],
})
export class CatalogModule {}
