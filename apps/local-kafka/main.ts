import { Command } from 'commander';
import { join } from 'node:path';
import { DomainError, InvalidInputError } from '#domain';
import { attachKafkaTool, DEFAULT_KAFKA_PORT, findLocalKafka, type KafkaTool } from '#local-kafka';
import { loadConfiguration } from '#platform';
import { serve } from './serve.js';

/** Kafka's tools that work with a running broker. */
const TOOLS: Readonly<Record<Exclude<KafkaTool, 'storage'>, string>> = {
  topics: 'create, list, describe and delete topics',
  'console-producer': 'send lines of standard input as records',
  'console-consumer': 'print records',
  'consumer-groups': 'show groups and how far behind they are',
  'delete-records': 'remove the oldest records of partitions',
  'get-offsets': 'show the ends of partitions',
  configs: 'show and change settings',
};

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidInputError('port_invalid', `--port must be a whole number from 1 to 65535, not "${text}"`);
}

async function runTool(tool: KafkaTool, given: readonly string[]): Promise<void> {
  const addressed = given.some((argument) => /^--(?:bootstrap-server(?:=|$)|help$|version$)/.test(argument));
  const address = addressed ? [] : ['--bootstrap-server', await findLocalKafka(folder)];
  process.exitCode = await attachKafkaTool(tool, [...address, ...given]);
}

const folder = join(loadConfiguration().dataDirectory, 'kafka', 'data');
const program = new Command('npm run kafka --')
  .description(
    'Runs Apache Kafka on this machine, for trying things out: one broker, on the loopback interface alone. ' +
      "With the name of one of Kafka's own tools, runs that against it.",
  )
  .usage('[--port PORT] | TOOL [ARGUMENTS...]')
  .option('--port <port>', 'where Kafka listens on 127.0.0.1', parsePort, DEFAULT_KAFKA_PORT)
  .argument('[tool]')
  .enablePositionalOptions()
  .action(async (unknown: string | undefined, { port }: { port: number }) => {
    if (unknown === undefined) {
      await serve(folder, port);
    } else {
      const known = Object.keys(TOOLS).join(', ');
      throw new InvalidInputError('tool_unknown', `There is no tool "${unknown}" here; there are ${known}.`);
    }
  });
for (const [tool, description] of Object.entries(TOOLS)) {
  program
    .command(tool)
    .description(description)
    .argument('[arguments...]')
    // All options are the tool's, --help too.
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((given: string[]) => runTool(tool as KafkaTool, given));
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof DomainError ? error.message : error);
  process.exitCode = 1;
}
