import type { DataSource, EntityManager } from 'typeorm';
import type { Rejection } from '#platform';
import { ownerOfRecord } from './event-record.js';
import type { RecordContent } from './record-content.js';
import type { StreamPartition } from './stream-offsets.js';

/** A record that could not be taken, as it came, and why. */
export interface DeadLetter extends StreamPartition, RecordContent {
  readonly offset: number;
  readonly rejection: Rejection;
}

/** A dead letter as it is kept. */
export interface KeptDeadLetter extends DeadLetter {
  readonly receivedAt: Date;
  /** When the dead-letter topic had it. */
  readonly publishedAt: Date | null;
}

/** Which dead letters. */
export interface DeadLetterSelection {
  readonly code?: string;
  readonly topic?: string;
  /** Those after this one, in the order of `open`. */
  readonly after?: KeptDeadLetter;
  readonly limit: number;
}

interface Row {
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly record_offset: string;
  readonly code: string;
  readonly reason: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: string;
  readonly received_at: Date;
  readonly published_at: Date | null;
}

/** A letter may have a megabyte. */
const LETTERS_PER_READ = 20;

/** Records that could not be taken. They are kept here, and from here go to the dead-letter topic. */
export class DeadLetters {
  constructor(private readonly dataSource: DataSource) {}

  /** Keeps letters within the caller's transaction. One that is read again, from a topic that was read before, stays as it is. */
  async keep(letters: readonly DeadLetter[], manager: EntityManager): Promise<void> {
    if (letters.length === 0) return;
    await manager.query(
      `insert into dead_letters (cluster, topic, partition, record_offset, code, reason, key, value, headers, received_at)
       select letter.*, now()
       from unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bytea[],
         $9::text[]) as letter
       on conflict (cluster, topic, partition, record_offset) do update set code = excluded.code,
         reason = excluded.reason, key = excluded.key, value = excluded.value, headers = excluded.headers,
         received_at = excluded.received_at, published_at = null, replayed_at = null
       where (dead_letters.key, dead_letters.value, dead_letters.headers)
         is distinct from (excluded.key, excluded.value, excluded.headers)`,
      [
        letters.map(({ cluster }) => cluster),
        letters.map(({ topic }) => topic),
        letters.map(({ partition }) => partition),
        letters.map(({ offset }) => offset),
        letters.map(({ rejection }) => rejection.code),
        letters.map(({ rejection }) => storable(rejection.message)),
        letters.map(({ key }) => key),
        letters.map(({ value }) => value),
        letters.map(({ headers }) => encodeHeaders(headers)),
      ],
    );
  }

  /** The partitions that have letters which the dead-letter topic has not. */
  async unpublishedPartitions(cluster: string, topic: string): Promise<number[]> {
    const rows = await this.dataSource.query<{ partition: number }[]>(
      `select distinct partition from dead_letters where cluster = $1 and topic = $2 and published_at is null`,
      [cluster, topic],
    );
    return rows.map(({ partition }) => partition);
  }

  /** Letters of a partition that the dead-letter topic has not, the lowest offset first. */
  async unpublished({ cluster, topic, partition }: StreamPartition, limit: number): Promise<KeptDeadLetter[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select * from dead_letters where cluster = $1 and topic = $2 and partition = $3 and published_at is null
       order by record_offset limit $4`,
      [cluster, topic, partition, limit],
    );
    return rows.map(fromRow);
  }

  /** Remembers that the dead-letter topic has every letter of a partition before an offset. */
  async markPublished({ cluster, topic, partition }: StreamPartition, before: number): Promise<void> {
    await this.dataSource.query(
      `update dead_letters set published_at = now()
       where cluster = $1 and topic = $2 and partition = $3 and record_offset < $4 and published_at is null`,
      [cluster, topic, partition, before],
    );
  }

  /** Letters that were not replayed yet, the oldest first. */
  async open({ code, topic, after, limit }: DeadLetterSelection): Promise<KeptDeadLetter[]> {
    const rows = await this.dataSource.query<Row[]>(
      `select * from dead_letters
       where replayed_at is null and ($1::text is null or code = $1) and ($2::text is null or topic = $2)
         and ($3::timestamptz is null
              or (received_at, cluster, topic, partition, record_offset) > ($3, $4::text, $5::text, $6::int, $7::bigint))
       order by received_at, cluster, topic, partition, record_offset limit $8`,
      [
        code ?? null,
        topic ?? null,
        after?.receivedAt ?? null,
        after?.cluster ?? null,
        after?.topic ?? null,
        after?.partition ?? null,
        after?.offset ?? null,
        limit,
      ],
    );
    return rows.map(fromRow);
  }

  /** How many were not replayed yet. */
  async countOpen({ code, topic }: Pick<DeadLetterSelection, 'code' | 'topic'> = {}): Promise<number> {
    const [row] = await this.dataSource.query<{ count: string }[]>(
      `select count(*) from dead_letters
       where replayed_at is null and ($1::text is null or code = $1) and ($2::text is null or topic = $2)`,
      [code ?? null, topic ?? null],
    );
    return Number(row?.count);
  }

  /** All letters of a visitor that are found by their key, which is the visitor's id, replayed ones too; a few at a time. */
  async *ofVisitor(
    store: string,
    visitorIds: readonly string[],
    manager: Pick<EntityManager, 'query'> = this.dataSource,
  ): AsyncGenerator<KeptDeadLetter[], void> {
    let after: KeptDeadLetter | undefined;
    do {
      const rows = await manager.query<Row[]>(
        `select * from dead_letters
         where key = any(select convert_to(id, 'UTF8') from unnest($1::text[]) as id)
           and ($2::text is null or (cluster, topic, partition, record_offset) > ($2, $3::text, $4::int, $5::bigint))
         order by cluster, topic, partition, record_offset limit $6`,
        [
          visitorIds,
          after?.cluster ?? null,
          after?.topic ?? null,
          after?.partition ?? null,
          after?.offset ?? null,
          LETTERS_PER_READ,
        ],
      );
      const letters = rows.map(fromRow);
      const own = letters.filter((letter) => {
        const owner = ownerOfRecord(letter);
        return owner.store === store && visitorIds.includes(owner.visitorId);
      });
      if (own.length > 0) yield own;
      after = letters.at(-1);
    } while (after);
  }

  /** Deletes letters within the caller's transaction. */
  async remove(letters: readonly DeadLetter[], manager: EntityManager): Promise<void> {
    await manager.query(
      `delete from dead_letters where (cluster, topic, partition, record_offset) in (
         select * from unnest($1::text[], $2::text[], $3::int[], $4::bigint[]))`,
      [
        letters.map(({ cluster }) => cluster),
        letters.map(({ topic }) => topic),
        letters.map(({ partition }) => partition),
        letters.map(({ offset }) => offset),
      ],
    );
  }

  /** Remembers within the caller's transaction that a letter could be taken after all. */
  async markReplayed({ cluster, topic, partition, offset }: DeadLetter, manager: EntityManager): Promise<void> {
    await manager.query(
      `update dead_letters set replayed_at = now()
       where cluster = $1 and topic = $2 and partition = $3 and record_offset = $4`,
      [cluster, topic, partition, offset],
    );
  }
}

/** A reason may quote what Postgres does not store: NUL, and halves of characters. */
const storable = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');

function encodeHeaders(headers: DeadLetter['headers']): string {
  const encoded = Object.entries(headers).map(([name, bytes]) => [name, bytes.toString('base64')] as const);
  return JSON.stringify(Object.fromEntries(encoded));
}

function fromRow(row: Row): KeptDeadLetter {
  const { cluster, topic, partition, key, value } = row;
  const headers = Object.entries(JSON.parse(row.headers) as Record<string, string>).map(
    ([name, text]) => [name, Buffer.from(text, 'base64')] as const,
  );
  return {
    cluster,
    topic,
    partition,
    offset: Number(row.record_offset),
    rejection: { code: row.code, message: row.reason },
    key,
    value,
    headers: Object.fromEntries(headers),
    receivedAt: row.received_at,
    publishedAt: row.published_at,
  };
}
