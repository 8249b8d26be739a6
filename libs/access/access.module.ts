import { Module } from '@nestjs/common';
import { ApiKeys } from './api-keys.js';
import { KeyUses } from './key-uses.js';

/** API keys; needs a TypeORM `DataSource` with `ApiKeyEntity`. */
@Module({ providers: [ApiKeys, KeyUses], exports: [ApiKeys, KeyUses] })
export class AccessModule {}
