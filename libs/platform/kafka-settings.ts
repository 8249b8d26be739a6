import { IsBoolean, IsIn, IsInt, IsNotEmpty, IsOptional, Matches, Max, Min } from 'class-validator';
import { asNumber, type Variable } from './variable.js';

const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** How to reach Kafka, and the names to use there. */
export interface KafkaSettings {
  /** Each as `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** The consumer group that shares the partitions of the events topic. */
  readonly group: string;
  /** The full name of the topic that events come from. */
  readonly events: string;
  /** The full name of the topic for records that are no events. */
  readonly deadLetters: string;
  /** Milliseconds. */
  readonly sessionTimeout: number;
  /** Paths of PEM files; without `ca`, the authorities that Node knows are trusted. Absent: no encryption. */
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string };
  readonly login?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string };
}

const BROKER = /^[a-z0-9_.-]+:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$/i;

/** What Kafka allows: https://kafka.apache.org/documentation/#topicconfigs, class Topic of its clients. */
const TOPIC_NAME = /^(?!\.{1,2}$)[\w.-]{1,249}$/;

/** The settings of the way in through Kafka. Each comes from the environment variable that its comment names. */
export class KafkaConfiguration {
  /** KAFKA_BROKERS: some brokers of the cluster, with commas between. Without it, there is no Kafka. */
  @IsOptional()
  @Matches(BROKER, {
    each: true,
    message: 'must be host:port, or several with commas between, such as kafka1:9092,kafka2:9092',
  })
  kafkaBrokers?: string[];

  /** KAFKA_CLIENT_ID: the name of this program in the brokers' logs and quotas. */
  @IsNotEmpty({ message: 'must not be empty' })
  kafkaClientId = 'nextpick';

  /** KAFKA_GROUP_ID: the consumer group; the processes of one group share the work. */
  @IsNotEmpty({ message: 'must not be empty' })
  kafkaGroupId = 'nextpick-ingest';

  /** KAFKA_TOPIC_PREFIX: stands before the names of both topics. */
  kafkaTopicPrefix = '';

  /** KAFKA_TOPIC: where events come from. */
  kafkaTopic = 'nextpick.events.v1';

  /** KAFKA_DEAD_LETTER_TOPIC: where records go that are no events; by default KAFKA_TOPIC with `.dead` behind it. */
  @IsOptional()
  kafkaDeadLetterTopic?: string;

  /** KAFKA_SESSION_TIMEOUT_SECONDS: a member of the group that is silent so long is taken for dead. */
  @IsInt({ message: 'must be a whole number of seconds' })
  @Min(6, { message: 'must be at least 6' })
  @Max(1800, { message: 'must be at most 1800' })
  kafkaSessionTimeoutSeconds = 30;

  /** KAFKA_TLS: whether the brokers are to be reached by TLS. */
  @IsBoolean({ message: 'must be true or false' })
  kafkaTls = false;

  /** KAFKA_TLS_CA: the PEM file of the authority that signed the brokers' certificates, when it is not a public one. */
  @IsOptional()
  kafkaTlsCa?: string;

  /** KAFKA_TLS_CERT: the PEM file of this client's certificate, when the brokers ask for one. */
  @IsOptional()
  kafkaTlsCert?: string;

  /** KAFKA_TLS_KEY: the PEM file of that certificate's private key. */
  @IsOptional()
  kafkaTlsKey?: string;

  /** KAFKA_SASL_MECHANISM: how to log in, if the brokers ask for it. */
  @IsOptional()
  @IsIn(SASL_MECHANISMS, { message: `must be one of ${SASL_MECHANISMS.join(', ')}` })
  kafkaSaslMechanism?: SaslMechanism;

  /** KAFKA_USERNAME: who logs in. */
  @IsOptional()
  kafkaUsername?: string;

  /** KAFKA_PASSWORD: the password of that user. */
  @IsOptional()
  kafkaPassword?: string;
}

export const KAFKA_VARIABLES: Readonly<Record<keyof KafkaConfiguration, Variable>> = {
  kafkaBrokers: { name: 'KAFKA_BROKERS', parse: (text) => text.split(',').map((broker) => broker.trim()) },
  kafkaClientId: { name: 'KAFKA_CLIENT_ID', parse: String },
  kafkaGroupId: { name: 'KAFKA_GROUP_ID', parse: String },
  kafkaTopicPrefix: { name: 'KAFKA_TOPIC_PREFIX', parse: String },
  kafkaTopic: { name: 'KAFKA_TOPIC', parse: String },
  kafkaDeadLetterTopic: { name: 'KAFKA_DEAD_LETTER_TOPIC', parse: String },
  kafkaSessionTimeoutSeconds: { name: 'KAFKA_SESSION_TIMEOUT_SECONDS', parse: asNumber },
  kafkaTls: { name: 'KAFKA_TLS', parse: (text) => ({ true: true, false: false })[text.toLowerCase()] ?? text },
  kafkaTlsCa: { name: 'KAFKA_TLS_CA', parse: String },
  kafkaTlsCert: { name: 'KAFKA_TLS_CERT', parse: String },
  kafkaTlsKey: { name: 'KAFKA_TLS_KEY', parse: String },
  kafkaSaslMechanism: { name: 'KAFKA_SASL_MECHANISM', parse: (text) => text.toLowerCase() },
  kafkaUsername: { name: 'KAFKA_USERNAME', parse: String },
  kafkaPassword: { name: 'KAFKA_PASSWORD', parse: String, secret: true },
};

/** If `first` is set, `second` must be too. */
const COMPANIONS: readonly (readonly [first: keyof KafkaConfiguration, second: keyof KafkaConfiguration])[] = [
  ['kafkaSaslMechanism', 'kafkaUsername'],
  ['kafkaSaslMechanism', 'kafkaPassword'],
  ['kafkaUsername', 'kafkaSaslMechanism'],
  ['kafkaPassword', 'kafkaSaslMechanism'],
  ['kafkaTlsCert', 'kafkaTlsKey'],
  ['kafkaTlsKey', 'kafkaTlsCert'],
];

/** What is wrong with settings that belong together: a line for each, with the name of its variable. */
export function kafkaFaults(configuration: KafkaConfiguration): string[] {
  const faults: string[] = [];
  for (const [first, second] of COMPANIONS) {
    if (configuration[first] === undefined || configuration[second] !== undefined) continue;
    faults.push(`${KAFKA_VARIABLES[second].name}: must be set, because ${KAFKA_VARIABLES[first].name} is`);
  }
  for (const file of ['kafkaTlsCa', 'kafkaTlsCert', 'kafkaTlsKey'] as const) {
    if (configuration[file] === undefined || configuration.kafkaTls) continue;
    faults.push(`${KAFKA_VARIABLES[file].name}: has no effect unless KAFKA_TLS is true`);
  }
  const { events, deadLetters } = topicNames(configuration);
  for (const [variable, name] of [
    ['KAFKA_TOPIC', events],
    ['KAFKA_DEAD_LETTER_TOPIC', deadLetters],
  ] as const) {
    if (TOPIC_NAME.test(name)) continue;
    faults.push(
      `${variable}: with KAFKA_TOPIC_PREFIX the topic's name is "${name}", but must be 1 to 249 letters, digits, dots, ` +
        'underscores and hyphens',
    );
  }
  if (events === deadLetters) faults.push('KAFKA_DEAD_LETTER_TOPIC: must not be the topic that events come from');
  return faults;
}

/** The settings for Kafka, if KAFKA_BROKERS is set. */
export function kafkaSettings(configuration: KafkaConfiguration): KafkaSettings | undefined {
  const { kafkaBrokers, kafkaTls, kafkaTlsCa, kafkaTlsCert, kafkaTlsKey } = configuration;
  const { kafkaSaslMechanism, kafkaUsername, kafkaPassword } = configuration;
  if (kafkaBrokers === undefined) return undefined;
  return {
    brokers: kafkaBrokers,
    clientId: configuration.kafkaClientId,
    group: configuration.kafkaGroupId,
    ...topicNames(configuration),
    sessionTimeout: configuration.kafkaSessionTimeoutSeconds * 1000,
    ...(kafkaTls && {
      tls: {
        ...(kafkaTlsCa !== undefined && { ca: kafkaTlsCa }),
        ...(kafkaTlsCert !== undefined && { certificate: kafkaTlsCert }),
        ...(kafkaTlsKey !== undefined && { key: kafkaTlsKey }),
      },
    }),
    ...(kafkaSaslMechanism !== undefined &&
      kafkaUsername !== undefined &&
      kafkaPassword !== undefined && {
        login: { mechanism: kafkaSaslMechanism, username: kafkaUsername, password: kafkaPassword },
      }),
  };
}

function topicNames({
  kafkaTopicPrefix,
  kafkaTopic,
  kafkaDeadLetterTopic,
}: KafkaConfiguration): Pick<KafkaSettings, 'events' | 'deadLetters'> {
  return {
    events: kafkaTopicPrefix + kafkaTopic,
    deadLetters: kafkaTopicPrefix + (kafkaDeadLetterTopic ?? `${kafkaTopic}.dead`),
  };
}
