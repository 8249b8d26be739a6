import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamCluster, TransactionalWriter } from '#kafka';
import { createTopic, eventually, NotingReader, numbered, sendAll, streamCluster } from '../../support/kafka-stream.js';

/** What cannot be compressed to what the topic takes. */
const tooLarge = { key: null, value: randomBytes(3_000_000), partition: 0 };

describe('a transactional writer', () => {
  let cluster: StreamCluster;
  let topic: string;
  let id: string;
  let progress: { topic: string; partition: number; group: string };
  const writers: TransactionalWriter[] = [];

  beforeEach(async () => {
    cluster = await streamCluster();
    await cluster.connect();
    topic = await createTopic(cluster);
    id = `test-${randomUUID()}`;
    progress = { topic, partition: 0, group: `${id}.progress` };
  });
  afterEach(async () => {
    await Promise.all(writers.splice(0).map((writer) => writer.close()));
    await cluster.close();
  });

  async function open(): Promise<TransactionalWriter> {
    const writer = await cluster.openTransactionalWriter(id);
    writers.push(writer);
    return writer;
  }

  it('appends records and remembers how far they go', async () => {
    expect(await cluster.committedOffset(progress.group, progress)).toBeNull();
    const writer = await open();
    await writer.commit(topic, numbered(0, 3), { ...progress, next: 10 });
    await writer.commit(topic, [], { ...progress, next: 11 });
    await writer.commit(topic, numbered(3, 5), { ...progress, next: 12 });
    // Whoever opens the next sees what is committed, without delay.
    await open();
    expect(await cluster.committedOffset(progress.group, progress)).toBe(12);
    const reader = await new NotingReader(cluster, topic, id).run();
    await eventually(() => {
      expect(reader.values).toEqual(['0', '1', '2', '3', '4']);
    });
    await reader.stop();
  });

  it('is shut out by another one with its id', async () => {
    const first = await open();
    await first.commit(topic, numbered(0, 1), { ...progress, next: 1 });
    const second = await open();
    const late = first.commit(topic, numbered(66, 67), { ...progress, next: 66 });
    await expect(late).rejects.toMatchObject({ kind: 'conflict', code: 'writer_fenced' });
    await expect(first.commit(topic, [], { ...progress, next: 67 })).rejects.toMatchObject({ kind: 'conflict' });
    await second.commit(topic, numbered(1, 2), { ...progress, next: 2 });
    await open();
    expect(await cluster.committedOffset(progress.group, progress)).toBe(2);
    const reader = await new NotingReader(cluster, topic, id).run();
    await eventually(() => {
      expect(reader.values).toEqual(['0', '1']);
    });
    await reader.stop();
  });

  it('leaves nothing of a transaction that fails', async () => {
    const writer = await open();
    const failing = writer.commit(topic, [...numbered(0, 3), tooLarge], { ...progress, next: 9 });
    await expect(failing).rejects.toMatchObject({ kind: 'invalid', code: 'record_too_large' });
    const again = await open();
    expect(await cluster.committedOffset(progress.group, progress)).toBeNull();
    await again.commit(topic, numbered(3, 4), { ...progress, next: 10 });
    const reader = await new NotingReader(cluster, topic, id).run();
    await eventually(() => {
      expect(reader.values).toEqual(['3']);
    });
    await reader.stop();
  });

  it('leaves no gap between the batches of a reader, whether it commits or fails', async () => {
    const stream = await streamCluster();
    const reader = await new NotingReader(stream, topic, id, {
      onAssigned: (assigned) => {
        assigned.seek({ topic, partition: 0 }, 0);
      },
    }).run();
    for (let round = 0; round < 3; round += 1) {
      await (await open()).commit(topic, numbered(2 * round, 2 * round + 1), { ...progress, next: round });
      await eventually(() => {
        expect(reader.values).toHaveLength(2 * round + 1);
      });
      const failing = (await open()).commit(topic, [...numbered(0, 3), tooLarge], { ...progress, next: 9 });
      await expect(failing).rejects.toMatchObject({ code: 'record_too_large' });
      await sendAll(cluster, topic, numbered(2 * round + 1, 2 * round + 2));
      await eventually(() => {
        expect(reader.values).toHaveLength(2 * round + 2);
      });
    }
    await reader.stop();
    expect(reader.values).toEqual(['0', '1', '2', '3', '4', '5']);
    // In each round there are six records and two markers, each with an offset of its own.
    expect(reader.batches.at(-1)?.next).toBe(21);
    expect(reader.batches.map(({ position }) => position)).toEqual([
      0,
      ...reader.batches.map(({ next }) => next).slice(0, -1),
    ]);
    expect(stream.log).toEqual([]);
  });
});
