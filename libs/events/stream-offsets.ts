import type { DataSource, EntityManager } from 'typeorm';

/** A partition of a topic of a cluster of brokers. */
export interface StreamPartition {
  /** The brokers' own id of their cluster. */
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * How far each partition is stored. The offset moves in the transaction that stores the records, so the two agree whatever dies: that,
 * and not what a broker remembers, makes the intake exactly once.
 */
export class StreamOffsets {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * The offset of the first record that is not stored yet.
   * @param earliest where a partition begins that nothing is known of
   */
  async begin({ cluster, topic, partition }: StreamPartition, earliest: number): Promise<number> {
    await this.dataSource.query(
      `insert into stream_offsets (cluster, topic, partition, next_offset, updated_at) values ($1, $2, $3, $4, now())
       on conflict do nothing`,
      [cluster, topic, partition, earliest],
    );
    const [row] = await this.dataSource.query<{ next_offset: string }[]>(
      'select next_offset from stream_offsets where cluster = $1 and topic = $2 and partition = $3',
      [cluster, topic, partition],
    );
    return Number(row?.next_offset);
  }

  /**
   * Moves the offset within the caller's transaction, which from then on is the only one that stores records of the partition.
   * @returns false, and moves nothing, when the offset is not `from`: somebody else stores this partition
   */
  async advance(
    { cluster, topic, partition }: StreamPartition,
    { from, to }: { from: number; to: number },
    manager: Pick<EntityManager, 'query'> = this.dataSource,
  ): Promise<boolean> {
    const [, moved] = await manager.query<[unknown, number]>(
      `update stream_offsets set next_offset = $5, updated_at = now()
       where cluster = $1 and topic = $2 and partition = $3 and next_offset = $4`,
      [cluster, topic, partition, from, to],
    );
    return moved === 1;
  }
}
