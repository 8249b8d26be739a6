import type { ItemDescription } from '#catalog';
import { DomainError } from '#domain';
import {
  renderReport,
  type EvaluationReport,
  type ExampleItem,
  type ItemCategories,
  type RankersEvaluation,
} from '#evaluation';
import type { ModelRegistry, ModelReport } from '#registry';

/** By item id; items that the catalogue does not know are absent. */
export type ItemDescriptions = ReadonlyMap<string, ItemDescription>;

/** The categories of each item index, as numbers; undefined where the catalogue says nothing of any item. */
export function categoriesOf(itemIds: readonly string[], descriptions: ItemDescriptions): ItemCategories | undefined {
  const numbers = new Map<string, number>();
  const categories: (readonly number[] | undefined)[] = [undefined];
  for (const itemId of itemIds) {
    const names = descriptions.get(itemId)?.categories ?? [];
    for (const name of names) if (!numbers.has(name)) numbers.set(name, numbers.size);
    categories.push(names.length > 0 ? names.map((name) => numbers.get(name) ?? 0) : undefined);
  }
  return numbers.size > 0 ? categories : undefined;
}

/** A report as data and as a page. */
export interface RenderedReport extends ModelReport {
  readonly report: EvaluationReport;
}

/** What goes into a report. */
export interface Findings extends Pick<EvaluationReport, 'store' | 'subject' | 'curve'> {
  readonly evaluation: RankersEvaluation;
  /** The item with index i is at place i - 1. */
  readonly itemIds: readonly string[];
  readonly descriptions: ItemDescriptions;
}

/** The report of what was found. */
export function reportOf({ store, subject, curve, evaluation, itemIds, descriptions }: Findings): RenderedReport {
  const item = (index: number): ExampleItem => {
    const itemId = itemIds[index - 1] ?? '';
    return { itemId, title: descriptions.get(itemId)?.title ?? null };
  };
  const { cutoff, data, rankers, slices, popularity, examples } = evaluation;
  const report: EvaluationReport = {
    formatVersion: 1,
    store,
    createdAt: new Date().toISOString(),
    subject,
    cutoff,
    data,
    rankers,
    slices,
    curve,
    popularity,
    examples: examples.map(({ seen, target, rank, recommended }) => ({
      seen: seen.map(item),
      target: item(target),
      rank,
      recommended: recommended.map(item),
    })),
  };
  return { report, page: renderReport(report) };
}

/**
 * The report that is stored with a model; null when there is none.
 * @throws DomainError `model_not_found`.
 */
export async function storedReport(
  registry: Pick<ModelRegistry, 'report'>,
  store: string,
  version: string,
): Promise<RenderedReport | null> {
  try {
    const { report, page } = await registry.report(store, version);
    return { report: report as EvaluationReport, page };
  } catch (error) {
    if (error instanceof DomainError && error.code === 'report_not_found') return null;
    throw error;
  }
}
