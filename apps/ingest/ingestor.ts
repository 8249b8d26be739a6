import { DomainError } from '#domain';
import type { DeadLetters } from '#events';
import type { StreamCluster } from '#kafka';
import { pauseUnlessAborted } from '#platform';
import { DeadLetterPublisher } from './dead-letter-publisher.js';
import { GroupMember } from './group-member.js';
import type { IngestTopics } from './ingest-topics.js';
import type { PartitionIntakePorts } from './partition-intake.js';
import { backOff } from './patience.js';

/** The ingest role: reads the events topic as a member of its group until it is stopped. */
export class Ingestor {
  constructor(
    private readonly openCluster: () => StreamCluster,
    private readonly topics: IngestTopics,
    private readonly ports: PartitionIntakePorts,
    private readonly deadLetters: DeadLetters,
  ) {}

  /**
   * Consumes until aborted, and then returns once the batch under way is stored and the group is left. What waiting can help (brokers
   * that are away, a topic that is not there yet) is tried again with growing pauses.
   * @throws DomainError for what it cannot, such as wrong credentials
   */
  async run(signal: AbortSignal): Promise<void> {
    const { logger, readiness } = this.ports;
    let failures = 0;
    let told: string | undefined;
    while (!signal.aborted) {
      readiness.set('broker', 'not connected to Kafka yet');
      try {
        await this.consume(signal, () => {
          failures = 0;
          told = undefined;
        });
      } catch (error) {
        if (!(error instanceof DomainError && error.retriable)) throw error;
        readiness.set('broker', error.message);
        if (error.message !== told) logger.warn(`${error.message} Trying again.`);
        told = error.message;
        await pauseUnlessAborted(backOff(failures), signal);
        failures += 1;
      }
    }
    readiness.set('broker', 'stopped');
  }

  private async consume(signal: AbortSignal, onJoined: () => void): Promise<void> {
    const cluster = this.openCluster();
    const stop = new AbortController();
    const stopping = AbortSignal.any([signal, stop.signal]);
    try {
      await cluster.connect();
      const publisher = await this.createPublisher(cluster);
      const publishing = publisher.run(stopping);
      try {
        const member = new GroupMember(cluster, this.topics, this.ports, publisher, stopping);
        await member.consume(onJoined);
      } finally {
        stop.abort();
        await publishing;
      }
    } finally {
      await cluster.close();
    }
  }

  /** Makes the dead-letter topic where it is absent. */
  private async createPublisher(cluster: StreamCluster): Promise<DeadLetterPublisher> {
    const { partitions, ...limits } = await cluster.describeTopic(this.topics.events);
    await cluster.createTopic(this.topics.deadLetters, { ...limits, partitionCount: partitions.length });
    const { maximumMessageBytes } = await cluster.describeTopic(this.topics.deadLetters);
    const { metrics, logger } = this.ports;
    return new DeadLetterPublisher(cluster, { ...this.topics, maximumMessageBytes }, this.deadLetters, metrics, logger);
  }
}
