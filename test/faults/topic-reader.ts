import { runKafkaTool } from '#local-kafka';

/** A record as Kafka's own consumer shows it. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** Stands for a key or a value that is absent; no record has it as its own. */
const NONE = 'NO_BYTES_AT_ALL';
/** Kafka's BytesDeserializer prints what is not printable ASCII as `\xHH`, so this is in no header. */
const HEADER_SEPARATOR = '\u001f';

/** Where each partition of a topic ends, by Kafka's own tool. */
export async function readEnds(brokers: string, topic: string): Promise<Map<number, number>> {
  const lines = await runKafkaTool('get-offsets', ['--bootstrap-server', brokers, '--topic', topic]);
  const rows = lines
    .trim()
    .split('\n')
    .map((line) => line.split(':'));
  return new Map(rows.map(([, partition, end]) => [Number(partition), Number(end)]));
}

/**
 * Everything that is committed in a topic, by Kafka's own console consumer, in a group of its own.
 * @param count how many there are, when that is known; else it reads until nothing more comes
 */
export async function readTopic(brokers: string, topic: string, count?: number): Promise<TopicRecord[]> {
  const properties = [
    'print.partition=true',
    'print.offset=true',
    'print.headers=true',
    'print.key=true',
    `headers.separator=${HEADER_SEPARATOR}`,
    `null.literal=${NONE}`,
    ...['key', 'value', 'headers'].map(
      (part) => `${part}.deserializer=org.apache.kafka.common.serialization.BytesDeserializer`,
    ),
  ];
  const output = await runKafkaTool('console-consumer', [
    ...['--bootstrap-server', brokers, '--topic', topic, '--from-beginning', '--isolation-level', 'read_committed'],
    ...(count === undefined ? ['--timeout-ms', '10000'] : ['--timeout-ms', '60000', '--max-messages', String(count)]),
    ...properties.flatMap((property) => ['--formatter-property', property]),
  ]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
}

function parseLine(line: string): TopicRecord {
  const [partition = '', offset = '', headers = '', key = '', value] = line.split('\t');
  if (!partition.startsWith('Partition:') || !offset.startsWith('Offset:') || value === undefined) {
    throw new Error(`Kafka's console consumer printed a line of another form: ${line.slice(0, 200)}`);
  }
  return {
    partition: Number(partition.slice('Partition:'.length)),
    offset: Number(offset.slice('Offset:'.length)),
    headers: parseHeaders(headers),
    key: parseBytes(key),
    value: parseBytes(value),
  };
}

function parseHeaders(text: string): Record<string, Buffer> {
  if (text === 'NO_HEADERS') return {};
  const headers = text.split(HEADER_SEPARATOR).map((header) => {
    const colon = header.indexOf(':');
    return [header.slice(0, colon), parseBytes(header.slice(colon + 1)) ?? Buffer.alloc(0)] as const;
  });
  return Object.fromEntries(headers);
}

function parseBytes(text: string): Buffer | null {
  if (text === NONE) return null;
  const plain = text.replace(/\\x([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  return Buffer.from(plain, 'latin1');
}
