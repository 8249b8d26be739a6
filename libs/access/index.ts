export { AccessModule } from './access.module.js';
export { ApiKeyEntity } from './api-key.entity.js';
export { KEY_KINDS, type KeyHolder, type KeyKind } from './api-key.js';
export { ApiKeys, type KeySummary } from './api-keys.js';
