import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamCluster } from '#kafka';
import { createTopic, eventually, NotingReader, numbered, sendAll, streamCluster } from '../../support/kafka-stream.js';

describe('a group of readers', () => {
  let cluster: StreamCluster;
  let group: string;
  const readers: NotingReader[] = [];

  beforeEach(async () => {
    cluster = await streamCluster();
    await cluster.connect();
    group = `test-${randomUUID()}`;
  });
  afterEach(async () => {
    await Promise.all(readers.splice(0).map((reader) => reader.stop()));
    await cluster.close();
  });

  function reader(...[topic, handlers]: [string, ConstructorParameters<typeof NotingReader>[3]?]): NotingReader {
    const created = new NotingReader(cluster, topic, group, handlers);
    readers.push(created);
    return created;
  }

  it('shares the partitions, and takes over those of a member that leaves', async () => {
    const topic = await createTopic(cluster, 4);
    const first = await reader(topic).run();
    expect(first.assigned).toEqual([0, 1, 2, 3]);

    const second = await reader(topic).run();
    await eventually(() => {
      expect(first.assigned).toHaveLength(2);
      expect(second.assigned).toHaveLength(2);
    });
    expect([...(first.assigned ?? []), ...(second.assigned ?? [])].sort()).toEqual([0, 1, 2, 3]);
    await sendAll(
      cluster,
      topic,
      [0, 1, 2, 3].flatMap((partition) => numbered(10 * partition, 10 * partition + 5, partition)),
    );
    await eventually(() => {
      expect(first.records.length + second.records.length).toBe(20);
    });
    for (const { records, assigned } of [first, second]) {
      expect([...new Set(records.map(({ partition }) => partition))].sort()).toEqual(assigned);
    }

    await second.stop();
    await eventually(() => {
      expect(first.assigned).toEqual([0, 1, 2, 3]);
    });
    await sendAll(
      cluster,
      topic,
      [0, 1, 2, 3].flatMap((partition) => numbered(10 * partition + 5, 10 * partition + 6, partition)),
    );
    const ofSecond = new Set(second.values);
    await eventually(() => {
      expect(first.values.filter((value) => value?.endsWith('5'))).toHaveLength(4);
    });
    // What the member that left had done does not come again.
    expect(first.values.filter((value) => ofSecond.has(value))).toEqual([]);
    expect(new Set(first.values).size).toBe(first.values.length);
    expect(first.crashes).toEqual([]);
  });

  it('lets more members than partitions stand by', async () => {
    const topic = await createTopic(cluster, 1);
    const first = await reader(topic).run();
    const second = await reader(topic).run();
    await eventually(() => {
      expect([first.assigned, second.assigned].sort()).toEqual([[], [0]]);
    });
    const [working, idle] = first.assigned?.length === 1 ? [first, second] : [second, first];
    await working.stop();
    await eventually(() => {
      expect(idle.assigned).toEqual([0]);
    });
  });

  it('ends the work on a batch when the group is rebalanced, and has it done by one member', async () => {
    const topic = await createTopic(cluster, 2);
    await sendAll(cluster, topic, [...numbered(0, 10, 0), ...numbered(10, 20, 1)]);
    let held = 0;
    let joined = false;
    const holding = reader(topic, {
      onBatch: async (_batch, control) => {
        if (joined) return false;
        held += 1;
        // Until another member comes.
        while (control.active()) {
          await control.heartbeat();
          await new Promise(setImmediate);
        }
        return true;
      },
    });
    await holding.run();
    await eventually(() => {
      expect(held).toBe(2);
    });
    const second = reader(topic);
    joined = true;
    await second.run();
    const both = [holding, second];
    await eventually(() => {
      expect(both.flatMap(({ values }) => values)).toHaveLength(20);
    });
    expect(new Set(both.flatMap(({ values }) => values)).size).toBe(20);
    expect(holding.records.length).toBe(10);
  });

  it('finishes the batch under way when it is stopped', async () => {
    const topic = await createTopic(cluster);
    await sendAll(cluster, topic, numbered(0, 10));
    let stopped: Promise<void> | undefined;
    const stopping = reader(topic, {
      onBatch: async (batch, control) => {
        expect(batch.records).toHaveLength(10);
        stopped = stopping.stop();
        expect(control.active()).toBe(false);
        await control.heartbeat();
        control.done(7);
        return true;
      },
    });
    await stopping.run();
    await eventually(() => {
      expect(stopped).toBeDefined();
    });
    await stopped;
    expect(await cluster.committedOffset(group, { topic, partition: 0 })).toBe(7);
  });
});
