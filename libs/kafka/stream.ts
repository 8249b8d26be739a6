/** A record of a topic. Offsets are numbers: exact up to 2^53, that is 285 years at a million a second. */
export interface StreamRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Of several headers with one name the last. */
  readonly headers: Readonly<Record<string, Buffer>>;
}

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** What a fetch brought of a partition. */
export interface RecordBatch extends TopicPartition {
  /**
   * Where the batch before ended, or where the reader was sought to. Between it and the first record nothing was left out but what is not
   * for readers (transaction markers, aborted). When it is beyond that, the records between are gone from the topic (retention).
   */
  readonly position: number;
  /** Where the next fetch begins. */
  readonly next: number;
  /** The partition's high watermark. */
  readonly end: number;
  /** Never empty, in the order of their offsets. */
  readonly records: readonly StreamRecord[];
}

/** What to do about a batch while it is worked on. */
export interface BatchControl {
  /** Tells the group that this member lives; throws when the group is being rebalanced: let it pass through. */
  heartbeat(): Promise<void>;
  /** False once the member is stopping, lost the partition, or was sought elsewhere: give up the batch. */
  active(): boolean;
  /**
   * The records before `next` are stored; the group's offset in Kafka follows lazily, for other tools to see. What is not reported as done
   * comes again.
   */
  done(next: number): void;
}

/** What a reader calls. */
export interface ReaderHandlers {
  /** After each (re)assignment, before the first batches come. */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /** Batches of two partitions at most are worked on at once. After an error the same is read again, with a back-off. */
  onBatch(batch: RecordBatch, control: BatchControl): Promise<void>;
  /**
   * The reader ended by itself, after tries of its own; it has left the group and is to be stopped. Another reader may get on when
   * the error is a DomainError of kind `unavailable`.
   */
  onCrash(error: Error): void;
}

/** A member of a consumer group. It reads what was committed, from the group's offset or else from the beginning. */
export interface StreamReader {
  /**
   * Joins the group, which may take as long as the members' session timeout; batches come from then on. Once only.
   * @throws DomainError of kind unavailable (waiting can help) or another (it cannot)
   */
  run(topic: string, handlers: ReaderHandlers): Promise<void>;
  /** Valid while running. Also drops a batch under way (`active()` becomes false). */
  seek(at: TopicPartition, offset: number): void;
  /** Finishes the batch under way, commits, leaves the group, disconnects. */
  stop(): Promise<void>;
}

/** A record to append. Without `partition` the key decides, as in Kafka's Java client; without a key, the turn. */
export interface OutgoingRecord {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer>>;
  readonly partition?: number;
}

/** Appends records; requests go out one after the other. */
export interface StreamWriter {
  /**
   * Resolves when all in-sync replicas have the records. Those of one partition keep their order.
   * @throws DomainError; then some of the records may have been appended
   */
  send(topic: string, records: readonly OutgoingRecord[]): Promise<void>;
  /** Lets what was sent arrive first. */
  close(): Promise<void>;
}

/** One at a time per `id`: opening a second one with the same id shuts the first out for good (Kafka's fencing). */
export interface TransactionalWriter {
  /**
   * Appends the records and remembers `progress` for a group without members, all of it or nothing.
   * @throws DomainError; then whether it was done is unknown, and the writer is of no more use: close it, open another with the same id
   * (which ends what is unfinished), and ask `committedOffset`, in this order. Kind `conflict`: another writer has the id now.
   */
  commit(
    topic: string,
    records: readonly OutgoingRecord[],
    progress: TopicPartition & { readonly group: string; readonly next: number },
  ): Promise<void>;
  close(): Promise<void>;
}

/** What a topic is made with. */
export interface TopicShape {
  readonly partitionCount: number;
  readonly replicationFactor: number;
  /** The largest batch of records that the topic takes, after compression. */
  readonly maximumMessageBytes: number;
}

/** A topic as it is. */
export interface TopicDescription extends Omit<TopicShape, 'partitionCount'> {
  readonly name: string;
  /** In the order of their numbers; the records have the offsets from `low` to before `high`. */
  readonly partitions: readonly { readonly partition: number; readonly low: number; readonly high: number }[];
}

/** A cluster of brokers. Its readers and writers have connections of their own and are closed apart. */
export interface StreamCluster {
  /** @throws DomainError of kind unavailable (waiting can help) or another (it cannot) */
  connect(): Promise<void>;
  /** The cluster's own id; known once connected. */
  readonly id: string;
  /** @throws DomainError `topic_missing` (unavailable) */
  describeTopic(name: string): Promise<TopicDescription>;
  /** Makes a topic, with room for further headers. No fault when it is there already. */
  createTopic(name: string, shape: TopicShape): Promise<void>;
  /** The offset that `TransactionalWriter.commit` (or a group) remembered; null when none. */
  committedOffset(group: string, at: TopicPartition): Promise<number | null>;
  openReader(group: string): StreamReader;
  openWriter(): Promise<StreamWriter>;
  /** Also ends what an earlier writer with this id left unfinished, by finishing or by undoing it. */
  openTransactionalWriter(id: string): Promise<TransactionalWriter>;
  close(): Promise<void>;
}
