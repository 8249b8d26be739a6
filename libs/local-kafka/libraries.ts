import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '#domain';
import { exists, loadConfiguration } from '#platform';
import { findJava, javaProgram, OTHER_WAYS, type Java } from './java.js';
import { runProgram, type ProgramResult } from './program.js';

/** The release of Apache Kafka that infra/kafka/pom.xml names. */
export const KAFKA_VERSION = '4.3.1';

/** The pom and the logging settings; `npm run build` copies them beside the compiled files. */
const RESOURCES = fileURLToPath(new URL('../../infra/kafka/', import.meta.url));

/** What it takes to run a class of Kafka's. */
export interface KafkaRuntime {
  /** The path of the Java program. */
  readonly java: string;
  /** The arguments of Java that come before a class' name: libraries and logging. */
  readonly javaArguments: readonly string[];
}

/** Takes a sentence for the person who waits. */
export type Notify = (sentence: string) => void;

/**
 * Finds Java, and Kafka's libraries in `NEXTPICK_DATA/kafka/VERSION`; the first time they are taken from Maven Central
 * (about 55 MB), or from where Maven's settings point.
 * @throws DomainError that says what is missing and how to get it
 */
export async function openKafkaRuntime(notify: Notify = () => undefined): Promise<KafkaRuntime> {
  const java = await findJava();
  const libraries = join(loadConfiguration().dataDirectory, 'kafka', KAFKA_VERSION);
  if (!(await exists(libraries))) {
    notify(`Fetching Apache Kafka ${KAFKA_VERSION} with Maven (about 55 MB, once) ...`);
    await fetchLibraries(libraries, java);
  }
  return {
    java: javaProgram(java.home),
    javaArguments: [
      '-cp',
      join(libraries, '*'),
      `-Dlog4j2.configurationFile=${join(RESOURCES, 'log4j2.properties')}`,
      '-Djava.awt.headless=true',
      '-XX:+UseSerialGC',
    ],
  };
}

/** Fills a folder beside its place and moves it there whole, so that a kill or a second process cannot spoil it. */
async function fetchLibraries(folder: string, java: Java): Promise<void> {
  const draft = `${folder}-${randomBytes(6).toString('hex')}.new`;
  await mkdir(dirname(folder), { recursive: true });
  try {
    const { status, output, errors } = await runMaven(
      [
        '--batch-mode',
        '--no-transfer-progress',
        `--file=${join(RESOURCES, 'pom.xml')}`,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${draft}`,
      ],
      java,
    );
    if (status !== 0) throw fetchFailure(`${output}${errors}`);
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another process was faster.
    if (await exists(folder)) return;
    throw error;
  }
}

async function runMaven(mavenArguments: readonly string[], java: Java): Promise<ProgramResult> {
  const environment = { ...process.env, JAVA_HOME: java.home };
  try {
    return platform() === 'win32'
      ? await runProgram('cmd', ['/c', 'mvn', ...mavenArguments], { environment })
      : await runProgram('mvn', mavenArguments, { environment });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw new DomainError(
      'unavailable',
      'maven_missing',
      `Apache Kafka ${KAFKA_VERSION} comes from Maven Central, and there is no Maven (mvn) on the path to fetch it. ` +
        `Get it from https://maven.apache.org or a package manager (apt-get install maven, brew install maven); ${OTHER_WAYS}`,
      {},
      { cause },
    );
  }
}

function fetchFailure(output: string): DomainError {
  const lines = output.trim().split('\n');
  // The first errors are the reason; what follows is advice on running Maven.
  const faults = lines.filter((line) => line.startsWith('[ERROR]')).slice(0, 3);
  return new DomainError(
    'unavailable',
    'kafka_libraries_missing',
    `Apache Kafka ${KAFKA_VERSION} could not be fetched with Maven:\n` +
      `${(faults.length > 0 ? faults : lines.slice(-8)).join('\n')}\n` +
      `Connect to the internet or name a mirror in ~/.m2/settings.xml, and run it again; ${OTHER_WAYS}`,
  );
}
