import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DomainError } from '#domain';
import { openKafkaRuntime } from './libraries.js';
import { endOfOutput, runProgram } from './program.js';

/** Kafka's own command line tools, by the names of the scripts in its distribution without `kafka-`. */
const KAFKA_TOOLS = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  configs: 'kafka.admin.ConfigCommand',
  storage: 'kafka.tools.StorageTool',
} as const;

/** The name of one of Kafka's tools. */
export type KafkaTool = keyof typeof KAFKA_TOOLS;

/**
 * Runs one of Kafka's own tools to its end.
 * @param toolArguments as in Kafka's documentation, `--bootstrap-server` included
 * @param input what it reads from standard input
 * @returns what it printed to standard output
 * @throws DomainError `kafka_tool_failed` with what it said
 */
export async function runKafkaTool(
  tool: KafkaTool,
  toolArguments: readonly string[],
  { input }: { input?: string | Buffer } = {},
): Promise<string> {
  const { java, programArguments } = await toolCommand(tool, toolArguments);
  const { status, output, errors } = await runProgram(java, programArguments, input === undefined ? {} : { input });
  if (status === 0) return output;
  throw new DomainError(
    'invalid',
    'kafka_tool_failed',
    `Kafka's ${tool} ended with status ${String(status)}: ${endOfOutput(`${output}${errors}`)}`,
  );
}

/**
 * Runs one of Kafka's own tools with our standard input, output and error. Signals are passed on to it.
 * @returns its exit status
 */
export async function attachKafkaTool(tool: KafkaTool, toolArguments: readonly string[]): Promise<number> {
  const { java, programArguments } = await toolCommand(tool, toolArguments);
  const child = spawn(java, programArguments, { stdio: 'inherit' });
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, passOn);
  const [status] = (await once(child, 'close')) as [number | null];
  for (const signal of signals) process.off(signal, passOn);
  return status ?? 1;
}

async function toolCommand(
  tool: KafkaTool,
  toolArguments: readonly string[],
): Promise<{ java: string; programArguments: readonly string[] }> {
  const { java, javaArguments } = await openKafkaRuntime();
  // A tool runs for seconds: the second compiler would only cost.
  return { java, programArguments: [...javaArguments, '-XX:TieredStopAtLevel=1', KAFKA_TOOLS[tool], ...toolArguments] };
}
