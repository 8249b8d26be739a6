import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#domain';
import { findFreePort, isPortFree } from '#platform';

/** Kafka's names for the ways to reach a broker: plain or TLS, without or with a login. */
export type KafkaProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

/** Ports on 127.0.0.1, by the name of the listener. CONTROLLER is for the broker itself. */
export type Ports = Readonly<Partial<Record<KafkaProtocol | 'CONTROLLER', number>>>;

/** The ports of a broker that is about to start. */
export type BrokerPorts = Ports & Readonly<Record<'PLAINTEXT' | 'CONTROLLER', number>>;

/** Where people expect a Kafka. */
export const DEFAULT_KAFKA_PORT = 9092;

const FILE = 'ports.json';

/**
 * The ports of the broker in `folder`: those wanted, else those of last time, else free ones. They are remembered, so
 * that a broker that was started again is found where it was.
 * @throws DomainError `kafka_port_taken` when another program listens on one of them
 */
export async function choosePorts(
  folder: string,
  listeners: readonly KafkaProtocol[],
  wanted: Ports,
): Promise<BrokerPorts> {
  const known: Ports = { ...(await readPorts(folder)), ...wanted };
  const controller =
    known.CONTROLLER !== undefined && (await isPortFree(known.CONTROLLER)) ? known.CONTROLLER : undefined;
  const ports = {
    PLAINTEXT: await sameOrFreePort(known.PLAINTEXT),
    // Nobody else knows this one.
    CONTROLLER: controller ?? (await findFreePort()),
  };
  for (const listener of listeners) Object.assign(ports, { [listener]: await sameOrFreePort(known[listener]) });
  await writeFile(join(folder, FILE), JSON.stringify(ports));
  return ports;
}

async function sameOrFreePort(port: number | undefined): Promise<number> {
  if (port === undefined) return await findFreePort();
  if (await isPortFree(port)) return port;
  throw new DomainError(
    'conflict',
    'kafka_port_taken',
    `Port ${port} on 127.0.0.1 is in use, perhaps by a Kafka that runs already. Stop that, or choose another port.`,
    { port },
  );
}

/**
 * The address of the broker in `folder`, which another process runs; of one on Kafka's usual port when none was ever
 * started there.
 * @throws DomainError `kafka_not_running`
 */
export async function findLocalKafka(folder: string): Promise<string> {
  const { PLAINTEXT: port = DEFAULT_KAFKA_PORT } = await readPorts(folder);
  if (!(await isPortFree(port))) return `127.0.0.1:${port}`;
  throw new DomainError(
    'unavailable',
    'kafka_not_running',
    `No Kafka listens on 127.0.0.1:${port}. Start one with "npm run kafka" in another terminal, or give ` +
      '--bootstrap-server with the address of yours.',
    { port },
  );
}

/** The ports of the broker in `folder`; none when it was never started. */
async function readPorts(folder: string): Promise<Ports> {
  try {
    return JSON.parse(await readFile(join(folder, FILE), 'utf8')) as Ports;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
