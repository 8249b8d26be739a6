import { DomainError, InvalidInputError } from '#domain';
import type { KafkaSettings } from '#platform';

/** What was being done, as far as it is known. */
export interface Subject {
  readonly settings: KafkaSettings;
  readonly topic?: string;
  readonly group?: string;
  readonly transactionalId?: string;
}

/** What errors of kafkajs, of sockets and of TLS have. kafkajs exports no class for some of its own. */
interface Fault {
  readonly name: string;
  readonly message: string;
  /** The name of a protocol error: https://kafka.apache.org/protocol#protocol_error_codes */
  readonly type?: string;
  /** Node's, of a socket. */
  readonly code?: string | number;
  readonly broker?: string;
  readonly retriable?: boolean;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

type Explanation = (fault: Fault, subject: Subject) => DomainError;

const forbidden: Explanation = ({ message }, { settings, topic, group, transactionalId }) =>
  new DomainError(
    'forbidden',
    'kafka_not_authorised',
    `Kafka does not let ${settings.login ? `the user ${settings.login.username}` : 'a client without a login'} do this ` +
      `(${message})${topic === undefined ? '' : `, topic ${topic}`}${group === undefined ? '' : `, group ${group}`}` +
      `${transactionalId === undefined ? '' : `, transactional id ${transactionalId}`}. ` +
      'Grant it with kafka-acls, or change KAFKA_USERNAME, KAFKA_TOPIC or KAFKA_GROUP_ID.',
    { topic: topic ?? null, group: group ?? null },
  );

const tooOld: Explanation = ({ message }) =>
  new InvalidInputError(
    'kafka_too_old',
    `The brokers do not know a request that is needed (${message}). Use Kafka 0.11 or later, or a service that speaks its protocol ` +
      'with transactions.',
  );

const fenced: Explanation = (_fault, { transactionalId }) =>
  new DomainError(
    'conflict',
    'writer_fenced',
    `Another writer has the transactional id ${transactionalId ?? ''} now, or the transaction took too long`,
  );

const loginRefused: Explanation = ({ message }, { settings: { login } }) =>
  new InvalidInputError(
    'kafka_login_failed',
    `Kafka does not accept the login of ${login?.username ?? 'nobody'} by ${login?.mechanism ?? 'nothing'}: ${message}. ` +
      'Check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM.',
  );

const mechanismMissing: Explanation = (_fault, { settings: { login } }) =>
  new InvalidInputError(
    'kafka_mechanism_unsupported',
    `The broker's port does not offer the login mechanism ${login?.mechanism ?? ''}. Change KAFKA_SASL_MECHANISM (plain, ` +
      'scram-sha-256, scram-sha-512), unset it if no login is wanted, or use the port in KAFKA_BROKERS that asks for this login.',
  );

const topicMissing: Explanation = (_fault, { settings, topic }) =>
  new DomainError(
    'unavailable',
    'topic_missing',
    `The topic ${topic ?? ''} does not exist, and the brokers make none by themselves. Make it with "kafka-topics.sh ` +
      `--bootstrap-server ${settings.brokers[0] ?? ''} --create --topic ${topic ?? ''} --partitions 4", or change KAFKA_TOPIC or ` +
      'KAFKA_TOPIC_PREFIX.',
    { topic: topic ?? null },
  );

const BY_TYPE: Readonly<Record<string, Explanation>> = {
  UNKNOWN_TOPIC_OR_PARTITION: topicMissing,
  TOPIC_AUTHORIZATION_FAILED: forbidden,
  GROUP_AUTHORIZATION_FAILED: forbidden,
  CLUSTER_AUTHORIZATION_FAILED: forbidden,
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: forbidden,
  SASL_AUTHENTICATION_FAILED: loginRefused,
  UNSUPPORTED_SASL_MECHANISM: mechanismMissing,
  ILLEGAL_SASL_STATE: mechanismMissing,
  UNSUPPORTED_VERSION: tooOld,
  INVALID_PRODUCER_EPOCH: fenced,
  MESSAGE_TOO_LARGE: recordTooLarge,
  RECORD_LIST_TOO_LARGE: recordTooLarge,
  INVALID_SESSION_TIMEOUT: (_fault, { settings }) =>
    new InvalidInputError(
      'kafka_session_timeout_invalid',
      `The brokers do not allow a session of ${settings.sessionTimeout / 1000} s. Change KAFKA_SESSION_TIMEOUT_SECONDS to between the ` +
        'brokers’ group.min.session.timeout.ms and group.max.session.timeout.ms.',
    ),
  INCONSISTENT_GROUP_PROTOCOL: (_fault, { group }) =>
    new InvalidInputError(
      'kafka_group_in_use',
      `Another kind of program is in the consumer group ${group ?? ''}. Change KAFKA_GROUP_ID.`,
    ),
};

const BY_NAME: Readonly<Record<string, Explanation>> = {
  KafkaJSSASLAuthenticationError: (fault, subject) =>
    fault.message.includes('mechanism is not supported')
      ? mechanismMissing(fault, subject)
      : loginRefused(fault, subject),
  KafkaJSServerDoesNotSupportApiKey: tooOld,
  KafkaJSConnectionError: explainConnection,
  KafkaJSConnectionClosedError: connectionClosed,
};

/** Protocol errors after which a transactional writer must begin anew, but nobody took its place. */
const LOST_TRANSACTION = ['INVALID_TXN_STATE', 'INVALID_PRODUCER_ID_MAPPING', 'UNKNOWN_PRODUCER_ID'];

/** Of kafkajs: they are not marked as such, but go away. */
const PASSING = ['KafkaJSGroupCoordinatorNotFound', 'KafkaJSLockTimeout', 'KafkaJSTimeout'];

/** `PRODUCER_FENCED`, which kafkajs has no name for. */
const PRODUCER_FENCED = 'Unknown error code 90';

/** Tells what went wrong with Kafka, and which setting to change. The one place that knows the errors of kafkajs. */
export function toDomainError(error: unknown, subject: Subject): DomainError {
  if (error instanceof DomainError) return error;
  const chain = [...causes(error)];
  const known = chain.find((cause) => cause instanceof DomainError);
  if (known) return known;
  const fault = chain.at(-1) as Fault;
  const explain = BY_TYPE[fault.type ?? ''] ?? BY_NAME[fault.name];
  if (explain) return withCause(explain(fault, subject), error);
  if (fault.message === PRODUCER_FENCED) return withCause(fenced(fault, subject), error);
  if (fault.message === 'API Versions not supported') return withCause(tooOld(fault, subject), error);
  const passing =
    fault.retriable === true || LOST_TRANSACTION.includes(fault.type ?? '') || PASSING.includes(fault.name);
  return passing
    ? new DomainError(
        'unavailable',
        'kafka_unavailable',
        `Kafka cannot do this now: ${fault.message}`,
        {},
        { cause: error },
      )
    : new DomainError('internal', 'kafka_failed', `Kafka or its client failed: ${fault.message}`, {}, { cause: error });
}

/** An error and what caused it, the first cause last. */
function* causes(error: unknown): Generator {
  yield error;
  const { cause, errors } = error as Partial<Fault>;
  const next = cause ?? errors?.[0];
  if (next instanceof Error) yield* causes(next);
}

function withCause(error: DomainError, cause: unknown): DomainError {
  error.cause = cause;
  return error;
}

function recordTooLarge({ message }: Fault, { topic }: Subject): DomainError {
  return new InvalidInputError(
    'record_too_large',
    `A record is too large for the topic ${topic ?? ''} (${message}). Send less in one, or raise the topic's max.message.bytes.`,
  );
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes and OpenSSL's own */
const TLS_CODE =
  /CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|UNABLE_TO_|CRL_|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/;

function explainConnection(fault: Fault, subject: Subject): DomainError {
  const code = String(fault.code ?? '');
  const broker = nameBroker(fault, subject.settings);
  if (TLS_CODE.test(code)) {
    return new InvalidInputError(
      'kafka_tls_failed',
      `No TLS connection to the broker at ${broker}: ${fault.message}. If its certificate comes from an authority of your own, name that ` +
        "authority's file in KAFKA_TLS_CA; if the port does not speak TLS, unset KAFKA_TLS or use its TLS port in KAFKA_BROKERS.",
      { broker },
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new DomainError(
      'unavailable',
      'kafka_host_unknown',
      `The host of the broker ${broker} is not known here (${fault.message}). Check KAFKA_BROKERS.`,
      { broker },
    );
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || /not connected|closed by the server/i.test(fault.message)) {
    return connectionClosed(fault, subject);
  }
  return new DomainError(
    'unavailable',
    'kafka_unreachable',
    `The broker at ${broker} cannot be reached (${fault.message}). Check that it runs and that KAFKA_BROKERS is right.`,
    { broker },
  );
}

function connectionClosed(fault: Fault, { settings }: Subject): DomainError {
  const broker = nameBroker(fault, settings);
  const tls = settings.tls
    ? 'KAFKA_TLS is true: does the port speak TLS'
    : 'KAFKA_TLS is not true: does the port want TLS';
  const login = settings.login ? '' : ', or a login (KAFKA_SASL_MECHANISM)';
  return new DomainError(
    'unavailable',
    'kafka_connection_closed',
    `The broker at ${broker} closed the connection (${fault.message}). It may be starting or stopping. If it stays so, the port ` +
      `in KAFKA_BROKERS may be of another kind. ${tls}${login}?`,
    { broker },
  );
}

function nameBroker({ broker }: Fault, { brokers }: KafkaSettings): string {
  if (broker === undefined) return brokers.join(', ');
  return brokers.includes(broker)
    ? broker
    : `${broker} (which the cluster itself gives as its address, in advertised.listeners)`;
}
