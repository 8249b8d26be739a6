export { createIngest } from './create-ingest.js';
export { IngestModule } from './ingest.module.js';
export { Ingestor } from './ingestor.js';
export { KnownStores } from './known-stores.js';
export { RecordStore } from './record-store.js';
