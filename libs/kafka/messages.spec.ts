import type { Message, PartitionMetadata } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { partitionOnce, requestsOf, toStreamRecord } from './messages.js';

const MESSAGE = { timestamp: '0', attributes: 0, key: null, value: Buffer.from('v') };

describe('toStreamRecord', () => {
  it('has the last of several headers with one name, and an empty one for none', () => {
    const headers = { one: Buffer.from('1'), many: [Buffer.from('a'), Buffer.from('b')], none: undefined };
    const record = toStreamRecord({ ...MESSAGE, offset: '9007199254740991', headers });
    expect(record).toEqual({
      offset: Number.MAX_SAFE_INTEGER,
      key: null,
      value: Buffer.from('v'),
      headers: { one: Buffer.from('1'), many: Buffer.from('b'), none: Buffer.alloc(0) },
    });
  });
});

describe('requestsOf', () => {
  it('divides by number, in order', () => {
    const records = Array.from({ length: 2500 }, (_, index) => ({ key: null, value: String(index) }));
    const requests = [...requestsOf(records)];
    expect(requests.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(requests.flat().map(({ value }) => value)).toEqual(records.map(({ value }) => value));
  });

  it('divides by size, with a request for each record that is large', () => {
    const sizes = [300_000, 200_000, 100_000, 900_000, 900_000, 10];
    const records = sizes.map((size) => ({ key: 'k', value: Buffer.alloc(size), headers: { h: 'x' } }));
    expect([...requestsOf(records)].map(({ length }) => length)).toEqual([2, 1, 1, 1, 1]);
  });

  it('has none for no records', () => {
    expect([...requestsOf([])]).toEqual([]);
  });
});

describe('partitionOnce', () => {
  const partitionMetadata = [0, 1, 2, 3].map((partitionId): PartitionMetadata => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 1,
    replicas: [1],
    isr: [1],
  }));
  const choose = partitionOnce();
  const partitionOf = (message: Message) => choose({ topic: 'clicks', partitionMetadata, message });

  it('divides by key as Java does', () => {
    // org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey of Kafka 4.3.1, with 4 partitions
    const partitions = ['visitor-1', 'visitor-2', 'v7', 'ü', ''].map((key) => partitionOf({ key, value: 'x' }));
    expect(partitions).toEqual([2, 3, 1, 2, 1]);
  });

  it('keeps a record without a key where it was, and has others take turns', () => {
    const messages = Array.from({ length: 8 }, () => ({ key: null, value: 'x' }));
    const first = messages.map(partitionOf);
    expect(new Set(first).size).toBe(4);
    expect(messages.map(partitionOf)).toEqual(first);
  });
});
