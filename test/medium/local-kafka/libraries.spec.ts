import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findJava, runKafkaTool } from '#local-kafka';

describe("Kafka's libraries", () => {
  let folder: string;
  const path = process.env.PATH ?? '';

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nextpick-kafka-libraries-'));
    vi.stubEnv('NEXTPICK_DATA', join(folder, 'data'));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  /** Puts a Maven on the path that cannot reach its repository. */
  const breakMaven = async (): Promise<void> => {
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/mvn'), '#!/bin/sh\necho "[ERROR] Could not transfer artifact"\nexit 1\n');
    await chmod(join(folder, 'bin/mvn'), 0o755);
    vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${path}`);
  };
  const clusterId = /^[\w-]{22}\n$/;

  it('are fetched once, by two at a time too', async () => {
    const ids = await Promise.all([runKafkaTool('storage', ['random-uuid']), runKafkaTool('storage', ['random-uuid'])]);
    expect(ids[0]).toMatch(clusterId);
    expect(ids[1]).toMatch(clusterId);
    expect(await readdir(join(folder, 'data/kafka'))).toEqual(['4.3.1']);

    await breakMaven();
    expect(await runKafkaTool('storage', ['random-uuid'])).toMatch(clusterId);
  });

  it('say how to get Maven where there is none', async () => {
    vi.stubEnv('JAVA_HOME', (await findJava()).home);
    vi.stubEnv('PATH', join(folder, 'bin'));
    await expect(runKafkaTool('storage', ['random-uuid'])).rejects.toMatchObject({
      code: 'maven_missing',
      message: expect.stringMatching(/apt-get install maven.*docker compose.*KAFKA_BROKERS/s) as string,
    });
  });

  it('are not left half there when Maven fails, which is said with its reason', async () => {
    await breakMaven();
    await expect(runKafkaTool('storage', ['random-uuid'])).rejects.toMatchObject({
      code: 'kafka_libraries_missing',
      message: expect.stringMatching(/Could not transfer artifact[^]*mirror in ~\/\.m2\/settings\.xml/) as string,
    });
    expect(await readdir(join(folder, 'data/kafka'))).toEqual([]);
  });
});
