import type { EncodedSessions } from '#domain';
import type { NamedRanker } from '../judge.js';
import { itemKnn } from './item-knn.js';
import { markov } from './markov.js';
import { popular, recentlyPopular } from './popular.js';

/**
 * What a model must beat, the strongest first, under the names that the report has them by. Answers have at most 100 items. Takes
 * seconds for a million clicks.
 * @param training Item indexes from 1 to `itemCount`.
 */
export function baselineRankers(training: EncodedSessions, itemCount: number): NamedRanker[] {
  return [
    { name: 'markov', rank: markov(training, itemCount) },
    { name: 'item-kNN', rank: itemKnn(training, itemCount) },
    { name: 'recently popular', rank: recentlyPopular(training, itemCount) },
    { name: 'popular', rank: popular(training, itemCount) },
  ];
}
