export { CatalogModule } from './catalog.module.js';
export { CatalogStore, type ItemDescription, type PutResult } from './catalog-store.js';
export { importItems, type ItemImportOptions, type ItemImportReport } from './import-items.js';
export { ItemDto } from './item.dto.js';
export { ItemEntity } from './item.entity.js';
