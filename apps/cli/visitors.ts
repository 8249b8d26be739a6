import type { Command } from 'commander';
import type { DataSource } from 'typeorm';
import { identifierFault, InvalidInputError } from '#domain';
import { DeadLetters } from '#events';
import type { Configuration } from '#platform';
import { SessionStore } from '#sessions';
import { VisitorPrivacy, VisitorReceipts, type VisitorReceipt } from '#visitors';
import { withCommonOptions, type CommandContext, type CommonOptions } from './context.js';
import { requireWritable, writeWhole } from './output-file.js';

/** `visitors export ID`, `visitors erase ID` and `visitors merge FROM INTO`. */
export function registerVisitors(program: Command, { withDatabase, print }: CommandContext): void {
  const group = program.command('visitors').description('what is stored of a visitor');
  withCommonOptions(group.command('export'))
    .description('everything that is stored of a visitor, as one JSON object')
    .argument('<id>', 'the visitor', visitorId)
    .option('--output <file>', 'write it into this file instead of printing it')
    .action(async (id: string, { store, json, output }: CommonOptions & { output?: string }) => {
      if (output !== undefined) await requireWritable(output, '--output');
      await withDatabase(async (...database) => {
        const pieces = await privacyOf(...database).export(store, id);
        if (output === undefined) for await (const piece of pieces) print(piece.trimEnd());
        else await writeWhole(output, pieces);
      });
      if (output !== undefined)
        print(json ? JSON.stringify({ store, output }) : `Everything of ${id} is in ${output}.`);
    });
  withCommonOptions(group.command('erase'))
    .description('delete everything that is stored of a visitor; what occurred until now is not taken again')
    .argument('<id>', 'the visitor', visitorId)
    .action(async (id: string, { store, json }: CommonOptions) => {
      const receipt = await withDatabase((...database) => privacyOf(...database).erase(store, id));
      print(json ? JSON.stringify(receipt) : describe(`Erased ${id}`, receipt));
    });
  withCommonOptions(group.command('merge'))
    .description('make a visitor a part of another; it cannot be undone')
    .argument('<from>', 'the visitor that becomes a part of the other', visitorId)
    .argument('<into>', 'the visitor that has both from now on', visitorId)
    .action(async (from: string, into: string, { store, json }: CommonOptions) => {
      const receipt = await withDatabase((...database) => privacyOf(...database).merge(store, from, into));
      print(json ? JSON.stringify(receipt) : describe(`Merged ${from} into ${into}`, receipt));
    });
}

function privacyOf(dataSource: DataSource, { sessionGapMinutes }: Configuration): VisitorPrivacy {
  const sessions = new SessionStore(dataSource, sessionGapMinutes * 60_000);
  return new VisitorPrivacy(dataSource, sessions, new DeadLetters(dataSource), new VisitorReceipts(dataSource));
}

function visitorId(text: string): string {
  const fault = identifierFault(text);
  if (fault === undefined) return text;
  throw new InvalidInputError('visitor_invalid', `the id of the visitor ${fault}`);
}

function describe(what: string, { receiptId, counts }: VisitorReceipt): string {
  const parts = Object.entries(counts).map(([name, count]) => `${count.toLocaleString('en')} ${NAMES[name] ?? name}`);
  return `${what}: ${parts.join(', ')}. Receipt ${receiptId}.`;
}

const NAMES: Readonly<Record<string, string>> = { deadLetters: 'dead letters', withheld: 'events withheld' };
