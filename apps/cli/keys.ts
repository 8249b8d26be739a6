import { Option, type Command } from 'commander';
import { ApiKeys, KEY_KINDS, type KeyKind, type KeySummary } from '#access';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { formatTable } from './table.js';

/** `keys create`, `keys list` and `keys revoke ID`. */
export function registerKeys(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('keys').description('API keys');
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
    .action(async ({ store, json, kind, label }: CommonOptions & { kind: KeyKind; label: string }) => {
      const created = await withDatabase((dataSource) => new ApiKeys(dataSource).create(store, kind, label));
      if (json) print(JSON.stringify({ store, kind, label, ...created }));
      else print(`${created.key}\nKeep it now: only its hash is stored. To revoke it: keys revoke ${created.id}`);
    });
  withCommonOptions(group.command('list'))
    .description('show the keys of a store, without their secret part')
    .action(async ({ store, json }: CommonOptions) => {
      const keys = await withDatabase((dataSource) => new ApiKeys(dataSource).list(store));
      if (json) print(JSON.stringify({ store, keys }));
      else print(keys.length === 0 ? `Store ${store} has no keys. To make one: keys create` : describe(keys));
    });
  withCommonOptions(group.command('revoke'))
    .description('make a key useless, within 5 seconds')
    .argument('<id>', 'the id that `keys list` shows')
    .action(async (id: string, { store, json }: CommonOptions) => {
      await withDatabase((dataSource) => new ApiKeys(dataSource).revoke(store, id));
      print(json ? JSON.stringify({ store, revoked: id }) : `Revoked ${id}.`);
    });
}

function describe(keys: readonly KeySummary[]): string {
  return formatTable(
    ['id', 'kind', 'key', 'created', 'revoked', 'label'],
    keys.map(({ id, kind, prefix, createdAt, revokedAt, label }) => [
      id,
      kind,
      `${prefix}...`,
      createdAt.toISOString(),
      revokedAt?.toISOString() ?? '-',
      label,
    ]),
  );
}
