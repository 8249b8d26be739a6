export { FILTER_LIMITS, type Filter } from './filters/filter.js';
export { parseFilter } from './filters/parse-filter.js';
export { LIMITS } from './limits.js';
export { ModelsInService, type ModelState } from './models-in-service.js';
export { refreshPopularity } from './popularity.js';
export { ItemPopularityEntity } from './popularity.entity.js';
export { RecommenderModule } from './recommender.module.js';
export { Recommender, type RecommendationAnswer, type RecommendationRequest } from './recommender.js';
export { ServingModel } from './serving-model.js';
