/** How far a partition is read. */
interface Position {
  /** What the handler reported as done, or where it sought to. */
  reported: number;
  /** Where kafkajs fetches next: beyond what is not for readers. */
  fetched: number;
}

/**
 * Where the batches of a member's partitions begin. kafkajs steps over transaction markers and aborted records without a word to the handler;
 * here they belong to the batch that follows, so that an offset that is left out means lost records.
 */
export class Positions {
  private readonly positions = new Map<number, Position>();

  /** After an assignment nothing is known. */
  clear(): void {
    this.positions.clear();
  }

  seek(partition: number, offset: number): void {
    this.positions.set(partition, { reported: offset, fetched: offset });
  }

  /** @param fetched where the next fetch begins, `reported` or beyond */
  done(partition: number, reported: number, fetched: number): void {
    this.positions.set(partition, { reported, fetched });
  }

  /** The offsets from `first` to `last` were fetched and hold nothing for readers. */
  passOver(partition: number, first: number, last: number): void {
    const position = this.positions.get(partition);
    if (position?.fetched === first) position.fetched = last + 1;
  }

  /** Where a batch begins that was fetched from `offset`. */
  begin(partition: number, offset: number): number {
    const position = this.positions.get(partition);
    return position?.fetched === offset ? position.reported : offset;
  }

  /** Where the next batch is to begin, if that is known. */
  expected(partition: number): number | undefined {
    return this.positions.get(partition)?.reported;
  }
}
