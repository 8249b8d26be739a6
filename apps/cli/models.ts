import type { Command } from 'commander';
import { ModelsInService } from '#recommender';
import { ModelRegistry, type ModelSummary } from '#registry';
import { storedReport } from '../trainer/index.js';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { formatTable } from './table.js';

/** `models list`, `models show VERSION`, `models promote VERSION` and `models rollback`. */
export function registerModels(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('models').description('trained models');
  withCommonOptions(group.command('list'))
    .description('show the versions, the newest first')
    .action(async ({ store, json }: CommonOptions) => {
      const models = await withDatabase((dataSource) => new ModelRegistry(dataSource).list(store));
      if (json) print(JSON.stringify({ store, models }));
      else print(models.length === 0 ? `Store ${store} has no models. To train one: train` : describe(models));
    });
  withCommonOptions(group.command('show'))
    .description('show all that is known about a version, and where the API has its report')
    .argument('<version>')
    .action(async (version: string, { store, json }: CommonOptions) => {
      const shown = await withDatabase(async (dataSource) => {
        const registry = new ModelRegistry(dataSource);
        const manifest = await registry.show(store, version);
        const report = await storedReport(registry, store, version);
        return { ...manifest, report: report ? `/v1/models/${version}/report` : null };
      });
      print(JSON.stringify(shown, null, json ? undefined : 2));
    });
  withCommonOptions(group.command('promote'))
    .description('put a version in service, once it has been loaded and tried')
    .argument('<version>')
    .action(async (version: string, { store, json }: CommonOptions) => {
      await withDatabase(async (dataSource) => {
        const models = new ModelsInService(new ModelRegistry(dataSource));
        try {
          await models.promote(store, version, 'promoted on the command line');
        } finally {
          await models.onApplicationShutdown();
        }
      });
      print(json ? JSON.stringify({ store, inService: version }) : inService(store, version));
    });
  withCommonOptions(group.command('rollback'))
    .description('put the version back in service that the present one replaced')
    .action(async ({ store, json }: CommonOptions) => {
      const version = await withDatabase((dataSource) => new ModelRegistry(dataSource).rollback(store));
      print(json ? JSON.stringify({ store, inService: version }) : inService(store, version));
    });
}

const inService = (store: string, version: string) =>
  `Model ${version} is in service for store ${store}; running servers follow within seconds.`;

function describe(models: readonly ModelSummary[]): string {
  return formatTable(
    ['version', 'state', 'last promoted', 'sessions', 'items', 'metrics'],
    models.map(({ version, inService: serves, rollbackTarget, promotion, manifest: { counts, metrics } }) => [
      version,
      serves ? 'in service' : rollbackTarget ? 'rollback returns to it' : '-',
      promotion ? `${promotion.at.toISOString()} (${promotion.reason})` : 'never',
      counts.sessions.toLocaleString('en'),
      counts.items.toLocaleString('en'),
      Object.entries(metrics)
        .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
        .join(', '),
    ]),
  );
}
