import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { Configuration } from './configuration.js';
import { openDataSource, resolveDatabase } from './database.js';
import type { RunningDatabase } from './embedded-postgres.js';

const DATABASE = Symbol('database');

/** The server is a module of its own so that TypeORM's asynchronous factory can ask for it. */
@Module({})
class DatabaseModule {}

/**
 * Gives every module `Configuration`, a migrated TypeORM `DataSource`, and prom-client's `Registry` for what the process measures.
 * Without `databaseUrl` it starts the embedded Postgres, or shares the one that this process or another has running.
 */
@Global()
@Module({})
export class PlatformModule implements OnApplicationShutdown {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(DATABASE) private readonly database: RunningDatabase,
  ) {}

  static forRoot(configuration: Configuration): DynamicModule {
    const server: DynamicModule = {
      module: DatabaseModule,
      providers: [{ provide: DATABASE, useFactory: () => resolveDatabase(configuration) }],
      exports: [DATABASE],
    };
    return {
      module: PlatformModule,
      imports: [
        server,
        TypeOrmModule.forRootAsync({
          imports: [server],
          inject: [DATABASE],
          useFactory: ({ url }: RunningDatabase) => ({ type: 'postgres', url, retryAttempts: 0 }),
          dataSourceFactory: (options) =>
            openDataSource((options as { url: string }).url, configuration.databaseConnections),
        }),
      ],
      providers: [
        { provide: Configuration, useValue: configuration },
        { provide: Registry, useFactory: createRegistry },
      ],
      exports: [Configuration, Registry],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
    await this.database.stop();
  }
}

function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
