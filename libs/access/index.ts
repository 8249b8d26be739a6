export { AccessModule } from './access.module.js';
export { ApiKeyEntity } from './api-key.entity.js';
export { KEY_KINDS, type KeyHolder, type KeyKind } from './api-key.js';
export { ApiKeys, type KeySummary } from './api-keys.js';
export { KeyUses } from './key-uses.js';
export { type KeySettings } from './key-settings.js';
export { rateLimit, type RateLimit } from './rate-limit.js';
export { TokenBuckets } from './token-buckets.js';
