import { Option, type Command } from 'commander';
import { InvalidInputError } from '#domain';
import { reasonOf } from '#platform';
import { defaultRecipe, type LstmRecipe } from '#lstm';
import { runTraining, type PromotionRule, type TrainingRunResult } from '../trainer/index.js';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { duration, instant, wholeNumber } from './options.js';
import { showTraining } from './training-progress.js';

interface TrainOptions extends CommonOptions {
  readonly budget?: number;
  readonly days?: number;
  readonly until?: number;
  readonly longestSession: number;
  readonly acceptData: boolean;
  readonly checkpointEvery?: number;
  readonly cold: boolean;
  readonly minimumSupport: number;
  readonly seed: number;
  readonly recipe: Partial<LstmRecipe>;
  readonly promote: PromotionRule;
  readonly origin: 'command' | 'schedule';
}

const DAY_MS = 86_400_000;

/** What `train` exits with when the old model stays. */
const EXIT_KEPT = 3;

/** `train`: a new model of a store's sessions, put in service if it is better. */
export function registerTrain(program: Command, context: CommandContext): void {
  withTrainingOptions(withCommonOptions(program.command('train')))
    .description(
      'train a model on the sessions of a store, and put it in service if it is better; ' +
        `exits with 0 when it is, ${EXIT_KEPT} when the old one stays, 1 when the run failed`,
    )
    .action((options: TrainOptions) => runTrain(options, context));
}

/** Adds what `train` can be told, but for the store. */
export function withTrainingOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--budget <time>', 'search a recipe too, and be done in that time, such as 30m, 2h or 90s').argParser(
        duration('--budget'),
      ),
    )
    .addOption(
      new Option('--days <number>', 'only sessions of so many days until then').argParser(wholeNumber('--days')),
    )
    .addOption(
      new Option('--until <time>', 'only sessions that ended before it, such as 2026-01-31T03:00:00Z').argParser(
        instant('--until'),
      ),
    )
    .addOption(
      new Option('--longest-session <number>', 'of a longer session learn the newest steps, so many')
        .default(200)
        .argParser(wholeNumber('--longest-session')),
    )
    .addOption(
      new Option(
        '--checkpoint-every <time>',
        'of training, such as 90s: the next run goes on from there should this one be cut off; 3m unless given',
      ).argParser(duration('--checkpoint-every')),
    )
    .option('--cold', 'begin from nothing, not from the model in service', false)
    .option('--accept-data', 'train even where the events do not look right', false)
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
    .addOption(
      new Option(
        '--promote <when>',
        'put the model in service if it is better, or whatever the gate says, or only store it',
      )
        .choices(['if-better', 'always', 'never'])
        .default('if-better'),
    )
    .addOption(new Option('--origin <who>').choices(['command', 'schedule']).default('command').hideHelp());
}

async function runTrain(options: TrainOptions, context: CommandContext): Promise<void> {
  const {
    store,
    json,
    budget,
    days,
    until,
    minimumSupport,
    longestSession,
    acceptData,
    checkpointEvery,
    cold,
    seed,
    recipe,
    promote,
    origin,
  } = options;
  const { withDatabase, signal, print } = context;
  const progress = showTraining({ quiet: json });
  try {
    const result = await withDatabase((dataSource, { sessionGapMinutes, keepModels }) =>
      runTraining(
        { dataSource, store, sessionGapMs: sessionGapMinutes * 60_000, origin, keepModels },
        {
          recipe,
          seed,
          minimumSupport,
          longestSession,
          acceptData,
          cold,
          promote,
          signal,
          onProgress: progress.onProgress,
          ...(checkpointEvery === undefined ? {} : { checkpointSeconds: checkpointEvery }),
          ...(budget === undefined ? {} : { budgetSeconds: budget }),
          ...(days === undefined ? {} : { from: (until ?? Date.now()) - days * DAY_MS }),
          ...(until === undefined ? {} : { until }),
        },
      ),
    );
    progress.stop();
    if (json) print(JSON.stringify(summary(result)));
    else for (const line of describe(store, result)) print(line);
    if (result.outcome === 'kept') context.exitWith(EXIT_KEPT);
  } catch (error) {
    if (json) print(JSON.stringify({ outcome: 'failed', reason: reasonOf(error) }));
    throw error;
  } finally {
    progress.stop();
  }
}

function summary({ counts, metrics, artefactBytes, ...told }: TrainingRunResult): Record<string, unknown> {
  const peakMemoryMb = process.resourceUsage().maxRSS / 1024;
  return { ...told, ...counts, ...metrics, artefactMb: artefactBytes / 1e6, peakMemoryMb };
}

function describe(store: string, result: TrainingRunResult): string[] {
  const { outcome, reason, version, counts, metrics, found, artefactBytes } = result;
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
  const data = `${number(counts.clicks)} clicks in ${number(counts.sessions)} sessions with ${number(counts.items)} items`;
  const size = `trained in ${Math.round(trainSeconds)} s, ${(artefactBytes / 1e6).toFixed(1)} MB`;
  const end =
    outcome === 'promoted'
      ? `Model ${version ?? ''} is in service for store ${store}: ${data}, ${size}.`
      : version === null
        ? `The model in service for store ${store} stays; ${data} were looked at.`
        : `Model ${version} is stored and not in service: ${data}, ${size}.`;
  return [...searched, ...validation, reason, end];
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
