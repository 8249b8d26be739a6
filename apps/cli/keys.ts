import { Option, type Command } from 'commander';
import {
  ApiKeys,
  KEY_KINDS,
  rateLimit,
  type KeyKind,
  type KeySettings,
  type KeySummary,
  type RateLimit,
} from '#access';
import { InvalidInputError } from '#domain';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { duration, wholeNumber } from './options.js';
import { formatTable } from './table.js';

interface CreateOptions extends CommonOptions {
  readonly kind: KeyKind;
  readonly label: string;
  readonly origin: readonly string[];
  /** Null or absent: no limit. */
  readonly rate?: number | null;
  readonly burst?: number;
  readonly clientRate?: number | null;
  readonly clientBurst?: number;
  /** Seconds. */
  readonly expires?: number;
}

/** `keys create`, `keys list`, `keys rotate ID` and `keys revoke ID`. */
export function registerKeys(program: Command, context: CommandContext): void {
  const group = program.command('keys').description('API keys');
  registerCreate(group, context);
  registerList(group, context);
  registerRotate(group, context);
  registerRevoke(group, context);
}

function registerCreate(group: Command, { withDatabase, print }: CommandContext): void {
  withCommonOptions(group.command('create'))
    .description('make a key; it is shown once')
    .addOption(
      new Option(
        '--kind <kind>',
        'public: for storefronts, may send events and read recommendations; secret: may do all',
      )
        .choices(KEY_KINDS)
        .makeOptionMandatory(),
    )
    .option('--label <text>', 'what it is for, to recognise it in the list', '')
    .addOption(
      new Option('--origin <origin>', 'only for pages of this origin, such as https://shop.example; may be repeated')
        .default([], 'any page')
        .argParser((origin: string, others: readonly string[]) => [...others, origin]),
    )
    .addOption(
      new Option('--rate <number>', 'requests a second, or none for no limit (default: none)').argParser(
        parseRate('--rate'),
      ),
    )
    .addOption(
      new Option('--burst <number>', 'requests at once (default: twice the rate)').argParser(wholeNumber('--burst')),
    )
    .addOption(
      new Option('--client-rate <number>', 'requests a second from one address, or none (default: none)').argParser(
        parseRate('--client-rate'),
      ),
    )
    .addOption(
      new Option('--client-burst <number>', 'requests at once from one address (default: twice the rate)').argParser(
        wholeNumber('--client-burst'),
      ),
    )
    .addOption(
      new Option('--expires <time>', 'stops working after that time, such as 90d (default: never)').argParser(
        duration('--expires'),
      ),
    )
    .action(async (options: CreateOptions) => {
      const { store, json, kind, label } = options;
      const settings = settingsOf(options);
      const created = await withDatabase((dataSource) => new ApiKeys(dataSource).create(store, kind, label, settings));
      if (json) print(JSON.stringify({ store, kind, label, ...created }));
      else print(`${created.key}\nKeep it now: only its hash is stored. To revoke it: keys revoke ${created.id}`);
    });
}

function registerList(group: Command, { withDatabase, print }: CommandContext): void {
  withCommonOptions(group.command('list'))
    .description('show the keys of a store, without their secret part')
    .action(async ({ store, json }: CommonOptions) => {
      const keys = await withDatabase((dataSource) => new ApiKeys(dataSource).list(store));
      if (json) print(JSON.stringify({ store, keys }));
      else print(keys.length === 0 ? `Store ${store} has no keys. To make one: keys create` : describe(keys));
    });
}

function registerRotate(group: Command, { withDatabase, print }: CommandContext): void {
  withCommonOptions(group.command('rotate'))
    .description('make a key with the same settings; the old one works on for a while')
    .argument('<id>', 'the id that `keys list` shows')
    .addOption(
      new Option('--overlap <time>', 'how long the old one works on, such as 12h')
        .default(7 * 86_400, '7d')
        .argParser(duration('--overlap')),
    )
    .action(async (id: string, { store, json, overlap }: CommonOptions & { overlap: number }) => {
      const rotated = await withDatabase((dataSource) => new ApiKeys(dataSource).rotate(store, id, overlap * 1000));
      if (json) print(JSON.stringify({ store, replaced: id, ...rotated }));
      else {
        print(
          `${rotated.key}\nKeep it now: only its hash is stored. The old one works until ${rotated.oldExpiresAt.toISOString()}.`,
        );
      }
    });
}

function registerRevoke(group: Command, { withDatabase, print }: CommandContext): void {
  withCommonOptions(group.command('revoke'))
    .description('make a key useless, within 5 seconds')
    .argument('<id>', 'the id that `keys list` shows')
    .action(async (id: string, { store, json }: CommonOptions) => {
      await withDatabase((dataSource) => new ApiKeys(dataSource).revoke(store, id));
      print(json ? JSON.stringify({ store, revoked: id }) : `Revoked ${id}.`);
    });
}

function settingsOf({ origin, rate, burst, clientRate, clientBurst, expires }: CreateOptions): KeySettings {
  const [limit, clientLimit] = [limitOf('', rate, burst), limitOf('client-', clientRate, clientBurst)];
  return {
    origins: origin,
    ...(limit !== undefined && { limit }),
    ...(clientLimit !== undefined && { clientLimit }),
    ...(expires !== undefined && { lifetimeMs: expires * 1000 }),
  };
}

/** Null: no limit; undefined: the default of the kind. */
function limitOf(which: string, rate: number | null | undefined, burst: number | undefined) {
  if (typeof rate === 'number') return rateLimit(rate, burst);
  if (burst === undefined) return rate;
  throw new InvalidInputError('option_invalid', `--${which}burst goes with a number for --${which}rate`);
}

function parseRate(option: string): (text: string) => number | null {
  return (text) => {
    if (text === 'none') return null;
    if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
    throw new InvalidInputError('option_invalid', `${option} must be a number above 0, or none, not "${text}"`, {
      option,
    });
  };
}

function describe(keys: readonly KeySummary[]): string {
  const time = (date: Date | null): string => date?.toISOString() ?? '-';
  return formatTable(
    [
      'id',
      'kind',
      'key',
      'created',
      'last used',
      'expires',
      'revoked',
      'replaced by',
      'rate',
      'client rate',
      'origins',
      'label',
    ],
    keys.map((key) => [
      key.id,
      key.kind,
      `${key.prefix}...`,
      time(key.createdAt),
      time(key.lastUsedAt),
      time(key.expiresAt),
      time(key.revokedAt),
      key.replacedBy ?? '-',
      describeLimit(key.limit),
      describeLimit(key.clientLimit),
      key.origins.join(' ') || 'any',
      key.label,
    ]),
  );
}

const describeLimit = (limit: RateLimit | null): string =>
  limit ? `${limit.perSecond}/s, ${limit.burst} at once` : 'none';
