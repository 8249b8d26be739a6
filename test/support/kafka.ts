import { inject } from 'vitest';

/**
 * The address of the run's real Kafka broker, as KAFKA_BROKERS takes it. The first call starts it, which takes seconds.
 * Tests share it: use topics and groups with names of your own. Topics are not made by using them.
 * @throws Error that says how to get Java, when that is missing
 */
export async function kafkaBrokers(): Promise<string> {
  const response = await fetch(inject('kafkaStarter'));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}
