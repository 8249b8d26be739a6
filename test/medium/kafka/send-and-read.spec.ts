import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamCluster } from '#kafka';
import { runKafkaTool } from '#local-kafka';
import { kafkaBrokers } from '../../support/kafka.js';
import { createTopic, eventually, NotingReader, numbered, sendAll, streamCluster } from '../../support/kafka-stream.js';

describe('a stream', () => {
  let cluster: StreamCluster & { log: string[] };
  const readers: NotingReader[] = [];

  beforeEach(async () => {
    cluster = await streamCluster();
    await cluster.connect();
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.stop()));
    await cluster.close();
  });

  function reader(...[topic, handlers]: [string, ConstructorParameters<typeof NotingReader>[3]?]): NotingReader {
    const created = new NotingReader(cluster, topic, `test-${randomUUID()}`, handlers);
    readers.push(created);
    return created;
  }

  it('brings what was sent, in order, with its headers and without a value', async () => {
    const topic = await createTopic(cluster);
    const bytes = Buffer.from([0, 255, 1]);
    await sendAll(cluster, topic, [
      { key: 'visitor-1', value: 'first', headers: { text: 'ü', bytes } },
      { key: bytes, value: bytes },
      { key: 'visitor-1', value: null },
      ...numbered(3, 2_500),
    ]);
    const { records, batches } = await reader(topic).run();
    await eventually(() => {
      expect(records).toHaveLength(2_500);
    });
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => index));
    expect(records[0]).toMatchObject({ key: Buffer.from('visitor-1'), value: Buffer.from('first') });
    expect(records[0]?.headers).toEqual({ text: Buffer.from('ü'), bytes });
    expect(records[1]).toMatchObject({ key: bytes, value: bytes, headers: {} });
    expect(records[2]?.value).toBeNull();
    expect(records.slice(3).map(({ value }) => Number(value))).toEqual(
      numbered(3, 2_500).map(({ value }) => Number(value)),
    );
    expect(batches[0]?.position).toBe(0);
    expect(batches.at(-1)).toMatchObject({ next: 2_500, end: 2_500 });
  });

  it('keeps the order of each key when many send at once', async () => {
    const topic = await createTopic(cluster, 3);
    const writer = await cluster.openWriter();
    const sends = Array.from({ length: 60 }, (_, index) => ({ key: `visitor-${index % 7}`, value: String(index) }));
    await Promise.all(sends.map((record) => writer.send(topic, [record])));
    await writer.close();
    const { records } = await reader(topic).run();
    await eventually(() => {
      expect(records).toHaveLength(60);
    });
    for (let visitor = 0; visitor < 7; visitor += 1) {
      const ofVisitor = records.filter(({ key }) => key?.toString() === `visitor-${visitor}`);
      expect(new Set(ofVisitor.map(({ partition }) => partition)).size).toBe(1);
      expect(ofVisitor.map(({ value }) => Number(value))).toEqual(
        Array.from({ length: 60 }, (_, index) => index).filter((index) => index % 7 === visitor),
      );
    }
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(3);
  });

  it('begins where it is sought at the assignment, and drops a batch when it is sought elsewhere', async () => {
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 100));
    const activity: boolean[] = [];
    const { batches, values } = await reader(topic, {
      onAssigned: (stream) => {
        stream.seek({ topic, partition: 0 }, 90);
      },
      onBatch: (batch, control, stream) => {
        if (activity.length > 0) return Promise.resolve(false);
        activity.push(control.active());
        stream.seek(batch, 40);
        activity.push(control.active());
        // Too late: it is to come again from where it was sought.
        control.done(batch.next);
        expect(batch).toMatchObject({ position: 90, next: 100 });
        return Promise.resolve(true);
      },
    }).run();
    await eventually(() => {
      expect(batches.at(-1)?.next).toBe(100);
    });
    expect(activity).toEqual([true, false]);
    expect(batches[0]).toMatchObject({ position: 40 });
    expect(batches.flatMap(({ records }) => records)).toHaveLength(60);
    expect(values).toEqual([]);
  });

  it('goes on behind what was done of a batch, and reads again after an error', async () => {
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 10));
    let calls = 0;
    const noting = await reader(topic, {
      onBatch: (batch, control) => {
        calls += 1;
        if (calls === 1) {
          control.done(4);
          return Promise.resolve(true);
        }
        if (calls === 2) return Promise.reject(new Error(`not now, at ${batch.position}`));
        return Promise.resolve(false);
      },
    }).run();
    await eventually(() => {
      expect(noting.values).toEqual(['4', '5', '6', '7', '8', '9']);
    });
    expect(noting.batches[0]).toMatchObject({ position: 4 });
    expect(cluster.log.join('\n')).toMatch(/from offset 4 were not dealt with: not now, at 4. Again in 0\.25 s/);
  });

  it('reads on where the group was, and tells other tools how far that is', async () => {
    const topic = await createTopic(cluster);
    const group = `test-${randomUUID()}`;
    await sendAll(cluster, topic, numbered(0, 5));
    const first = await new NotingReader(cluster, topic, group).run();
    await eventually(() => {
      expect(first.values).toHaveLength(5);
    });
    await first.stop();
    expect(await cluster.committedOffset(group, { topic, partition: 0 })).toBe(5);
    await sendAll(cluster, topic, numbered(5, 8));
    const second = await new NotingReader(cluster, topic, group).run();
    await eventually(() => {
      expect(second.values).toEqual(['5', '6', '7']);
    });
    // Without a stop: it is committed now and then.
    await eventually(async () => {
      expect(await cluster.committedOffset(group, { topic, partition: 0 })).toBe(8);
    });
    await second.stop();
  });

  it('goes on with what is left when the records that it wants are gone, and says so', async () => {
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 20));
    const folder = await mkdtemp(join(tmpdir(), 'nextpick-delete-records-'));
    const file = join(folder, 'offsets.json');
    await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic, partition: 0, offset: 12 }] }));
    await runKafkaTool('delete-records', ['--bootstrap-server', await kafkaBrokers(), '--offset-json-file', file]);
    await rm(folder, { recursive: true });
    const noting = await reader(topic, {
      onAssigned: (stream) => {
        stream.seek({ topic, partition: 0 }, 3);
      },
    }).run();
    await eventually(() => {
      expect(noting.values).toEqual(numbered(12, 20).map(({ value }) => value));
    });
    expect(noting.batches[0]).toMatchObject({ position: 12 });
    expect(cluster.log.join('\n')).toMatch(/has no offset 3: its retention removed records/);
  });

  it('ends at records that would fill the memory', async () => {
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 3));
    await sendAll(cluster, topic, [{ key: null, value: Buffer.alloc(65 * 1024 * 1024) }]);
    const noting = reader(topic);
    await noting.run();
    await eventually(() => {
      expect(noting.crashes).toMatchObject([{ kind: 'invalid', code: 'batch_unreadable' }]);
    });
    expect(noting.crashes[0]?.message).toMatch(/gzip.*more than 67108864 bytes/);
  });

  it('describes a topic', async () => {
    const topic = await createTopic(cluster, 2);
    await sendAll(cluster, topic, [...numbered(0, 3, 0), ...numbered(0, 5, 1)]);
    expect(await cluster.describeTopic(topic)).toEqual({
      name: topic,
      partitions: [
        { partition: 0, low: 0, high: 3 },
        { partition: 1, low: 0, high: 5 },
      ],
      replicationFactor: 1,
      maximumMessageBytes: 1024 * 1024 + 64 * 1024,
    });
  });
});

describe.each(['gzip', 'snappy', 'lz4', 'zstd'])('records that Java sent with %s', (compression) => {
  it('are read', async () => {
    const brokers = await kafkaBrokers();
    const cluster = await streamCluster();
    await cluster.connect();
    const topic = await createTopic(cluster);
    const lines = Array.from({ length: 3_000 }, (_, index) => `{"eventId":"event-${index}","type":"view"}`);
    await runKafkaTool(
      'console-producer',
      [
        ...['--bootstrap-server', brokers, '--topic', topic, '--compression-codec', compression],
        // One batch of many blocks.
        ...['--batch-size', '500000', '--timeout', '500'],
      ],
      { input: `${lines.join('\n')}\n` },
    );
    const reader = await new NotingReader(cluster, topic, `test-${randomUUID()}`).run();
    await eventually(() => {
      expect(reader.values).toEqual(lines);
    });
    await reader.stop();
    await cluster.close();
  });
});
