import type { BrokerPorts } from './ports.js';

/** Settings by their names in Kafka's `server.properties`. */
export type KafkaSettings = Readonly<Record<string, string>>;

/**
 * The settings of a single broker that is its own controller, on the loopback interface alone.
 * https://kafka.apache.org/documentation/#brokerconfigs
 * @param further override the others
 */
export function serverSettings(data: string, ports: BrokerPorts, further: KafkaSettings): KafkaSettings {
  const listeners = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`);
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${ports.CONTROLLER}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    listeners: listeners.join(','),
    'log.dirs': data,
    // A misspelt topic is an error, not a new and empty topic with one partition.
    'auto.create.topics.enable': 'false',
    // There is one broker to hold a copy, and no reason to spread the bookkeeping over 50 partitions.
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '8',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '8',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    // A group starts at once, rather than wait 3 s for more members.
    'group.initial.rebalance.delay.ms': '0',
    // After a kill the controller takes the next broker for a second one until the first is silent this long (else 9 s).
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // 128 MB of the heap otherwise; only topics that are compacted need it, and those are small here.
    'log.cleaner.dedupe.buffer.size': String(16 * 1024 * 1024),
    ...further,
  };
}

/** Writes settings as java.util.Properties reads them. */
export function formatProperties(settings: KafkaSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escapeValue(value)}\n`)
    .join('');
}

function escapeValue(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/^ /, '\\ ')
    .replace(/[^\n\r\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
