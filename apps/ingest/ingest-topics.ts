import type { KafkaSettings } from '#platform';

/** The names in Kafka that the role uses. */
export type IngestTopics = Pick<KafkaSettings, 'events' | 'deadLetters' | 'group'>;
