import { Option, type Command } from 'commander';
import { InvalidInputError } from '#domain';
import { keepRetention, RetentionSettings, type Dropped, type Retention } from '#retention';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { duration } from './options.js';

const DAY_SECONDS = 86_400;

/** `retention show`, `retention set` and `retention apply`. */
export function registerRetention(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('retention').description('how long a store keeps what');
  withCommonOptions(group.command('show'))
    .description('show how long the events, sessions and figures of a store are kept')
    .action(async ({ store, json }: CommonOptions) => {
      const retention = await withDatabase((dataSource) => new RetentionSettings(dataSource).of(store));
      print(json ? JSON.stringify({ store, ...retention }) : describe(store, retention));
    });
  withCommonOptions(group.command('set'))
    .description('change it; what is older is dropped after the next training, or by `retention apply`')
    .addOption(days('events', 'events, in whole months: 30d or more'))
    .addOption(days('sessions', 'sessions, which training learns from'))
    .addOption(days('metrics', 'how many answers placements gave, and what they led to'))
    .action(async ({ store, json, ...changes }: CommonOptions & Partial<Retention>) => {
      if (Object.keys(changes).length === 0) {
        throw new InvalidInputError('arguments_missing', 'retention set needs --events, --sessions or --metrics');
      }
      const retention = await withDatabase((dataSource) =>
        new RetentionSettings(dataSource).set(store, changes, Date.now()),
      );
      print(json ? JSON.stringify({ store, ...retention }) : describe(store, retention));
    });
  withCommonOptions(group.command('apply'))
    .description('drop what the stores, all of them, keep no longer, as each training does at its end')
    .action(async ({ json }: CommonOptions) => {
      const dropped = await withDatabase((dataSource) => keepRetention(dataSource, Date.now()));
      print(json ? JSON.stringify(dropped) : describeDropped(dropped));
    });
}

const days = (field: keyof Retention, what: string): Option =>
  new Option(`--${field} <time>`, `keep ${what}; such as 400d, or all`).argParser(daysOrAll(`--${field}`));

function daysOrAll(option: string): (text: string) => number | null {
  return (text) => {
    if (text === 'all') return null;
    const seconds = duration(option)(text);
    if (seconds % DAY_SECONDS === 0) return seconds / DAY_SECONDS;
    throw new InvalidInputError('option_invalid', `${option} must be whole days, such as 400d, or all, not "${text}"`, {
      option,
    });
  };
}

function describe(store: string, { events, sessions, metrics }: Retention): string {
  const time = (days: number | null): string => (days === null ? 'for ever' : `for ${days.toLocaleString('en')} days`);
  return (
    `Store ${store} keeps events ${time(events)}${events === null ? '' : ', then drops the month'}, ` +
    `sessions ${time(sessions)}, and figures of placements ${time(metrics)}.`
  );
}

function describeDropped({ events, months, sessions, metricsDays }: Dropped): string {
  const number = (value: number): string => value.toLocaleString('en');
  return (
    `Dropped ${number(events)} events (${number(months)} whole months), ${number(sessions)} sessions, ` +
    `and the figures of ${number(metricsDays)} days.`
  );
}
