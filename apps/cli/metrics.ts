import type { Command } from 'commander';
import { PlacementMetrics, type PlacementFigures, type PlacementQuestion } from '#attribution';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { formatTable } from './table.js';

/** `metrics placements`: what the answers led to. */
export function registerMetrics(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('metrics').description('figures of a shop');
  withCommonOptions(group.command('placements'))
    .description('what the answers led to, by day of the answer (UTC), placement and model')
    .option('--from <day>', 'the first day, such as 2026-01-31; 29 days before the last unless given')
    .option('--until <day>', 'the last day; today unless given')
    .option('--placement <name>', 'only this placement')
    .action(async ({ store, json, ...question }: CommonOptions & PlacementQuestion) => {
      const report = await withDatabase((dataSource) => new PlacementMetrics(dataSource).of(store, question));
      if (json) print(JSON.stringify({ store, ...report }));
      else if (report.figures.length > 0) print(describe(report.figures));
      else print(`Store ${store} gave no answers from ${report.from} until ${report.until}.`);
    });
}

function describe(figures: readonly PlacementFigures[]): string {
  return formatTable(
    ['day', 'placement', 'model', 'requests', 'items', 'shown', 'clicked', 'rate', 'carts', 'purchases', 'revenue'],
    figures.map(({ day, placement, model, clickThroughRate, revenue, ...counts }) => [
      day,
      placement ?? '-',
      model ?? '-',
      ...[counts.requests, counts.items, counts.impressions, counts.clicks].map(formatNumber),
      clickThroughRate === null ? '-' : `${(clickThroughRate * 100).toFixed(1)}%`,
      ...[counts.carts, counts.purchases].map(formatNumber),
      revenue.map(({ currency, amount }) => `${formatNumber(amount)} ${currency ?? ''}`.trim()).join(', '),
    ]),
  );
}

const formatNumber = (value: number): string => value.toLocaleString('en');
