export { keepRetention, type Dropped } from './keep-retention.js';
export { RetentionSettings, type Retention } from './retention-settings.js';
export { RetentionEntity } from './retention.entity.js';
