import { join } from 'node:path';
import { DomainError } from '#domain';
import { runProgram } from './program.js';

/** The least version of Java that Kafka 4 runs on. */
const REQUIRED_JAVA = 17;

/** What to do without a Java or a Maven: the end of a message. */
export const OTHER_WAYS =
  'or run Kafka with Docker (docker compose -f infra/compose.yaml up), or set KAFKA_BROKERS to a Kafka that runs elsewhere.';

/** A Java installation. */
export interface Java {
  /** 17 for Java 17; 8 for what calls itself 1.8. */
  readonly version: number;
  /** Its folder, for JAVA_HOME. */
  readonly home: string;
}

/** The program of a Java installation. */
export const javaProgram = (home: string): string => join(home, 'bin', 'java');

/**
 * Finds the Java of JAVA_HOME, else the one on the path.
 * @throws DomainError `java_missing` that says how to get one that is new enough
 */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<Java> {
  const candidates = [...(environment.JAVA_HOME ? [javaProgram(environment.JAVA_HOME)] : []), 'java'];
  const tooOld: Java[] = [];
  for (const program of candidates) {
    const java = await askJava(program, environment);
    if (java && java.version >= REQUIRED_JAVA) return java;
    if (java) tooOld.push(java);
  }
  const found = tooOld.map(({ version, home }) => ` (Java ${version} in ${home} is too old)`).join('');
  throw new DomainError(
    'unavailable',
    'java_missing',
    `Apache Kafka needs Java ${REQUIRED_JAVA} or later, and there is none on the path or in JAVA_HOME${found}. ` +
      `Get one from https://adoptium.net or a package manager (apt-get install default-jre-headless, brew install openjdk); ${OTHER_WAYS}`,
  );
}

async function askJava(program: string, environment: NodeJS.ProcessEnv): Promise<Java | undefined> {
  try {
    const { status, errors } = await runProgram(program, ['-XshowSettings:properties', '-version'], { environment });
    return status === 0 ? parseJavaProperties(errors) : undefined;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** Reads what `java -XshowSettings:properties -version` prints; undefined when that is something else. */
export function parseJavaProperties(text: string): Java | undefined {
  const version = /^\s*java\.specification\.version = (?:1\.)?(\d+)/m.exec(text)?.[1];
  const home = /^\s*java\.home = (.+?)\s*$/m.exec(text)?.[1];
  return version === undefined || home === undefined ? undefined : { version: Number(version), home };
}
