export { compileFilter, contextValues, type ContextValues } from './compile-filter.js';
export { type Filter } from './filter.js';
export { FilterDto, filterDescription } from './filter.dto.js';
export { parseFilter } from './parse-filter.js';
