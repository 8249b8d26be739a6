import { Module } from '@nestjs/common';
import { ModelRegistry } from './model-registry.js';

/** Model versions; needs a TypeORM `DataSource` with the entities of this library. */
@Module({ providers: [ModelRegistry], exports: [ModelRegistry] })
export class RegistryModule {}
