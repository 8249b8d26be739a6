import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.js';

/** API keys; needs a TypeORM `DataSource` with `ApiKeyEntity`. */
@Module({ providers: [ApiKeys], exports: [ApiKeys] })
export class AccessModule {}
