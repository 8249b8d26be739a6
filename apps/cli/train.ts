import { Option, type Command } from 'commander';
import { CatalogStore } from '#catalog';
import { InvalidInputError } from '#domain';
import { defaultRecipe, type LstmRecipe } from '#lstm';
import { ModelRegistry } from '#registry';
import { refreshPopularity, refreshRelations } from '#recommender';
import { SessionStore } from '#sessions';
import { trainStore, type TrainStoreResult } from '../trainer/index.js';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { duration, wholeNumber } from './options.js';
import { showTraining } from './training-progress.js';

interface TrainOptions extends CommonOptions {
  readonly budget?: number;
  readonly days?: number;
  readonly minimumSupport: number;
  readonly seed: number;
  readonly recipe: Partial<LstmRecipe>;
}

const DAY_MS = 86_400_000;

/** `train`: a new model of a store's sessions, put in service. */
export function registerTrain(program: Command, context: CommandContext): void {
  withCommonOptions(program.command('train'))
    .description('train a model on the sessions of a store and put it in service')
    .addOption(
      new Option('--budget <time>', 'search a recipe too, and be done in that time, such as 30m, 2h or 90s').argParser(
        duration('--budget'),
      ),
    )
    .addOption(
      new Option('--days <number>', 'only sessions of so many days until now').argParser(wholeNumber('--days')),
    )
    .addOption(
      new Option('--minimum-support <number>', 'leave items out that have fewer clicks')
        .default(1)
        .argParser(wholeNumber('--minimum-support')),
    )
    .addOption(new Option('--seed <number>', 'of all that is random').default(1).argParser(wholeNumber('--seed')))
    .addOption(
      new Option('--recipe <json>', 'changes to the recipe, such as {"epochs":4}')
        .default({}, '{}')
        .argParser(parseRecipe),
    )
    .action((options: TrainOptions) => runTrain(options, context));
}

async function runTrain(options: TrainOptions, { withDatabase, signal, print }: CommandContext): Promise<void> {
  const { store, json, budget, days, minimumSupport, seed, recipe } = options;
  const progress = showTraining({ quiet: json });
  try {
    const result = await withDatabase(async (dataSource, { sessionGapMinutes }) => {
      const sessions = new SessionStore(dataSource, sessionGapMinutes * 60_000);
      const ports = { sessions, catalog: new CatalogStore(dataSource), registry: new ModelRegistry(dataSource) };
      const trained = await trainStore(ports, store, {
        recipe,
        seed,
        minimumSupport,
        signal,
        onProgress: progress.onProgress,
        ...(budget === undefined ? {} : { budgetSeconds: budget }),
        ...(days === undefined ? {} : { from: Date.now() - days * DAY_MS }),
      });
      await refreshPopularity(dataSource, store);
      await refreshRelations(dataSource, store);
      return trained;
    });
    progress.stop();
    if (json) print(JSON.stringify(summary(result)));
    else for (const line of describe(store, result)) print(line);
  } finally {
    progress.stop();
  }
}

function summary({ version, counts, metrics, found, artefactBytes }: TrainStoreResult): Record<string, unknown> {
  const peakMemoryMb = process.resourceUsage().maxRSS / 1024;
  return {
    version,
    promoted: true,
    ...counts,
    ...metrics,
    ...(found && { found }),
    artefactMb: artefactBytes / 1e6,
    peakMemoryMb,
  };
}

function describe(store: string, { version, counts, metrics, found, artefactBytes }: TrainStoreResult): string[] {
  const { trainSeconds = 0, p20, mrr20 } = metrics;
  const number = (value: number): string => value.toLocaleString('en');
  const validation =
    p20 === undefined || mrr20 === undefined
      ? []
      : [
          `Trained without the newest sessions it found ${p20.toFixed(1)}% of their next items among 20 (MRR ${mrr20.toFixed(1)}%); see \`evaluate\`.`,
        ];
  const searched = found
    ? [`The recipe that the search chose: ${JSON.stringify({ ...defaultRecipe, ...found })}.`]
    : [];
  return [
    ...searched,
    ...validation,
    `Model ${version} is in service for store ${store}: ${number(counts.clicks)} clicks in ${number(counts.sessions)} sessions ` +
      `with ${number(counts.items)} items, trained in ${Math.round(trainSeconds)} s, ${(artefactBytes / 1e6).toFixed(1)} MB.`,
  ];
}

/** Field names and types; the ranges are the trainer's business. */
function parseRecipe(text: string): Partial<LstmRecipe> {
  const invalid = (message: string): never => {
    throw new InvalidInputError('recipe_invalid', `--recipe ${message}`);
  };
  let changes: unknown;
  try {
    changes = JSON.parse(text);
  } catch {
    return invalid(`must be JSON, such as '{"epochs":4}', not ${text}`);
  }
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes))
    return invalid('must be a JSON object');
  for (const [field, value] of Object.entries(changes)) {
    if (!(field in defaultRecipe)) {
      return invalid(`has no field "${field}"; the fields are ${Object.keys(defaultRecipe).join(', ')}`);
    }
    const standard = defaultRecipe[field as keyof LstmRecipe];
    const wholeCatalogue = field === 'candidates' && value === 'all';
    if (typeof value !== typeof standard && !wholeCatalogue)
      return invalid(`: ${field} must be like ${JSON.stringify(standard)}`);
  }
  return changes;
}
