import { once } from 'node:events';
import { DomainError } from '#domain';
import { KAFKA_VERSION, runKafkaTool, startLocalKafka } from '#local-kafka';

/** Where the events come from; see "Connect your Kafka" in the README. */
const TOPIC = 'nextpick.events.v1';
/** As many processes can share the work. */
const PARTITIONS = 6;

/**
 * Runs Kafka in the foreground until a signal comes.
 * @throws DomainError when it cannot start or ends by itself
 */
export async function serve(folder: string, port: number): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop.abort();
    });
  }
  try {
    const kafka = await startLocalKafka({ folder, port, notify: console.error });
    try {
      if (!stop.signal.aborted) {
        await createTopic(kafka.brokers);
        console.log(welcome(kafka.brokers, folder));
      }
      if (!stop.signal.aborted) await Promise.race([once(stop.signal, 'abort'), kafka.ended]);
    } finally {
      await kafka.stop();
    }
    if (!stop.signal.aborted) throw new DomainError('unavailable', 'kafka_ended', `Kafka ended; see ${kafka.log}`);
  } catch (error) {
    // Ctrl-C also ends what the start was waiting for.
    if (!stop.signal.aborted) throw error;
  }
}

async function createTopic(brokers: string): Promise<void> {
  await runKafkaTool('topics', [
    ...['--bootstrap-server', brokers, '--create', '--if-not-exists'],
    ...['--topic', TOPIC, '--partitions', String(PARTITIONS)],
  ]);
}

const welcome = (brokers: string, folder: string): string => `
Apache Kafka ${KAFKA_VERSION} runs on ${brokers}, with the topic ${TOPIC}. Its data and log are in ${folder}.

In another terminal:
  export KAFKA_BROKERS=${brokers}
  npm run nextpick -- ingest       # reads the topic into Postgres
  npm run kafka -- --help          # Kafka's own tools, to send and see records

Ctrl-C stops it.
`;
