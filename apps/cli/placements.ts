import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidInputError } from '#domain';
import { parsePlacement, PlacementStore, type NamedPlacement } from '#placements';
import { reasonOf } from '#platform';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { formatTable } from './table.js';

/** `placements list`, `placements show NAME`, `placements put NAME FILE` and `placements delete NAME`. */
export function registerPlacements(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('placements').description('places of your pages, and how their answers are made');
  withCommonOptions(group.command('list'))
    .description('show the placements of a store')
    .action(async ({ store, json }: CommonOptions) => {
      const placements = await withDatabase((dataSource) => new PlacementStore(dataSource).list(store));
      if (json) print(JSON.stringify({ store, placements }));
      else
        print(
          placements.length === 0
            ? `Store ${store} has no placements. To make one: placements put`
            : describe(placements),
        );
    });
  withCommonOptions(group.command('show'))
    .description('print the settings of a placement, as `placements put` takes them')
    .argument('<name>')
    .action(async (name: string, { store, json }: CommonOptions) => {
      const settings = await withDatabase((dataSource) => new PlacementStore(dataSource).get(store, name));
      print(JSON.stringify(settings, null, json ? undefined : 2));
    });
  withCommonOptions(group.command('put'))
    .description('store a placement; one of that name is replaced as a whole')
    .argument('<name>')
    .argument('<file>', 'JSON, with the fields that README.md and /docs name; {} for the defaults')
    .action(async (name: string, file: string, { store, json }: CommonOptions) => {
      const settings = await readSettings(file);
      await withDatabase((dataSource) => new PlacementStore(dataSource).put(store, name, settings));
      print(
        json
          ? JSON.stringify({ store, name, ...settings })
          : `Placement ${name} is stored; running servers follow within 5 seconds.`,
      );
    });
  withCommonOptions(group.command('delete'))
    .description('forget a placement; requests that name it get a 404')
    .argument('<name>')
    .action(async (name: string, { store, json }: CommonOptions) => {
      await withDatabase((dataSource) => new PlacementStore(dataSource).remove(store, name));
      print(json ? JSON.stringify({ store, deleted: name }) : `Placement ${name} is deleted.`);
    });
}

async function readSettings(file: string) {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new InvalidInputError('file_unreadable', `${file} cannot be read: ${reasonOf(cause)}`, { file }, { cause });
  }
  try {
    return parsePlacement(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof InvalidInputError) {
      throw new InvalidInputError(cause.code, `${file}: ${cause.message}`, { ...cause.facts, file }, { cause });
    }
    throw new InvalidInputError('invalid_json', `${file} is not valid JSON: ${reasonOf(cause)}`, { file }, { cause });
  }
}

function describe(placements: readonly NamedPlacement[]): string {
  return formatTable(
    ['name', 'strategy', 'fallbacks', 'count', 'repeat', 'filter', 'diversity', 'rules'],
    placements.map(({ name, strategy, fallbacks, count, repeat, filter, diversity, rules }) => [
      name,
      strategy,
      fallbacks.join(' ') || 'none',
      String(count),
      repeat,
      filter ? 'yes' : '-',
      String(diversity),
      String(rules.length),
    ]),
  );
}
