export { Availability } from './availability.js';
export { CatalogModule } from './catalog.module.js';
export { CatalogStore, type ItemDescription, type PutResult } from './catalog-store.js';
export { Catalogue, type CatalogueItem } from './catalogue.js';
export { importItems, type ItemImportOptions, type ItemImportReport } from './import-items.js';
export { ItemDto } from './item.dto.js';
export { ItemEntity } from './item.entity.js';
