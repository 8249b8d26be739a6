import type { Measure } from '../report.js';
import { figure, decimal, percent, type Format } from './figures.js';
import { markup, type Markup } from './markup.js';

interface MeasureWords {
  readonly name: string;
  /** Whether `@cutoff` follows the name. */
  readonly atCutoff: boolean;
  readonly format: Format;
  /** In plain words, for who does not know the field. */
  readonly meaning: string;
}

const words: Readonly<Record<Measure, MeasureWords>> = {
  precision: {
    name: 'P',
    atCutoff: true,
    format: percent,
    meaning: 'How often the item that came next was in the list at all. Higher is better.',
  },
  reciprocalRank: {
    name: 'MRR',
    atCutoff: true,
    format: percent,
    meaning:
      'How near to the top it stood: 100% if always first, 50% if always second, 0 where it was missing. Higher is better.',
  },
  discountedGain: {
    name: 'NDCG',
    atCutoff: true,
    format: percent,
    meaning: 'Between the two: a hit counts less the lower it stands, but loses value slowly. Higher is better.',
  },
  coverage: {
    name: 'Coverage',
    atCutoff: false,
    format: percent,
    meaning: 'The share of the catalogue that was recommended to anybody. Low means that most items are never shown.',
  },
  popularity: {
    name: 'Popularity',
    atCutoff: false,
    format: decimal(3),
    meaning:
      'How popular the recommended items are on average: 1 for the most clicked item, 0 for the least. High means that it leans on bestsellers.',
  },
  novelty: {
    name: 'Novelty',
    atCutoff: false,
    format: decimal(2),
    meaning: 'How surprising the recommended items are, in bits: one more bit for every halving of their clicks.',
  },
  diversity: {
    name: 'Diversity',
    atCutoff: false,
    format: percent,
    meaning: 'Of all pairs of items in a list, the share with no category in common.',
  },
};

/** How values of a measure are shown. */
export const formatOf = (measure: Measure): Format => words[measure].format;

/** What a measure tells, in a sentence or two. */
export const meaningOf = (measure: Measure): string => words[measure].meaning;

/** Such as `P@20`. */
export function nameOf(measure: Measure, cutoff: number): string {
  const { name, atCutoff } = words[measure];
  return atCutoff ? `${name}@${cutoff}` : name;
}

/** Like {@link nameOf}, with the cutoff marked as a figure of the report. */
export function markedNameOf(measure: Measure, cutoff: number): Markup {
  const { name, atCutoff } = words[measure];
  return atCutoff ? markup`${name}@${figure('cutoff', String(cutoff))}` : markup`${name}`;
}
