import { QueryFailedError, type DataSource } from 'typeorm';
import type { ShopEvent } from '#domain';
import { parseRecord, type DeadLetter, type DeadLetters, type EventIntake, type StreamOffsets } from '#events';
import type { StreamPartition } from '#events';
import type { StreamRecord } from '#kafka';
import { inTransaction, type Parsed, type Rejection } from '#platform';
import type { KnownStores } from './known-stores.js';

/** The code of `parseEvent` for an event of which nothing may be stored. */
const CONSENT_WITHHELD = 'consent_withheld';

/** Records of a partition that follow one another. */
export interface RecordSpan {
  /** The offset to store from: nothing between it and the first record is left out. */
  readonly from: number;
  /** The offset behind the last record. */
  readonly to: number;
  readonly records: readonly StreamRecord[];
}

/** What became of the records of a span. */
export interface SpanResult {
  /** New events. */
  readonly written: number;
  /** Events that were known. */
  readonly duplicates: number;
  /** Records that are no events. */
  readonly deadLettered: number;
  /** Events of visitors who do not agree, or were erased since they occurred, and those older than what the store keeps. */
  readonly withheld: number;
  /** Seconds that the database took to make it durable. */
  readonly commitSeconds: number;
}

/** Stores what a stream brings: events, their sessions, dead letters and the offset in one transaction. */
export class RecordStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly intake: EventIntake,
    private readonly offsets: StreamOffsets,
    private readonly deadLetters: DeadLetters,
    private readonly knownStores: KnownStores,
  ) {}

  /** @returns undefined, and stores nothing, when the partition's stored offset is not `span.from` */
  async store(at: StreamPartition, span: RecordSpan): Promise<SpanResult | undefined> {
    return this.write(at, span, await this.parse(span.records));
  }

  /**
   * Tries a dead letter again, in a transaction of its own. Of one that is withheld nothing stays.
   * @returns why it cannot be taken still; undefined when it was
   */
  async replay(letter: DeadLetter): Promise<Rejection | undefined> {
    const [parsed] = await this.parse([letter]);
    if (!parsed?.value) return parsed?.rejection;
    try {
      await inTransaction(this.dataSource, async (manager) => {
        const { withheld } = await this.intake.write([parsed.value], manager);
        if (withheld > 0) await this.deadLetters.remove([letter], manager);
        else await this.deadLetters.markReplayed(letter, manager);
      });
      return undefined;
    } catch (error) {
      if (isDataFault(error)) return refusal(error);
      throw error;
    }
  }

  private async parse(records: readonly Pick<StreamRecord, 'value' | 'headers'>[]): Promise<Parsed<ShopEvent>[]> {
    const now = Date.now();
    const parse = (record: Pick<StreamRecord, 'value' | 'headers'>): Parsed<ShopEvent> =>
      parseRecord(record, (store) => this.knownStores.has(store), now);
    const parsed = records.map(parse);
    if (!parsed.some(({ rejection }) => rejection?.code === 'unknown_store')) return parsed;
    await this.knownStores.refresh();
    return records.map(parse);
  }

  private async write(
    at: StreamPartition,
    span: RecordSpan,
    parsed: readonly Parsed<ShopEvent>[],
  ): Promise<SpanResult | undefined> {
    const { from, to, records } = span;
    const events = parsed.flatMap(({ value }) => (value ? [value] : []));
    const letters = parsed.flatMap(({ rejection }, index) => {
      const record = records[index];
      return rejection && rejection.code !== CONSENT_WITHHELD && record ? [{ ...at, ...record, rejection }] : [];
    });
    const withheld = parsed.length - events.length - letters.length;
    try {
      let worked = 0;
      const result = await inTransaction(this.dataSource, async (manager) => {
        if (!(await this.offsets.advance(at, { from, to }, manager))) return undefined;
        const { accepted, duplicates, withheld: erased } = await this.intake.write(events, manager);
        await this.deadLetters.keep(letters, manager);
        worked = performance.now();
        return { written: accepted, duplicates, deadLettered: letters.length, withheld: withheld + erased };
      });
      return result && { ...result, commitSeconds: (performance.now() - worked) / 1000 };
    } catch (error) {
      if (!isDataFault(error)) throw error;
      return this.isolate(at, span, parsed, error);
    }
  }

  /** The database refuses something in it: halves are stored for themselves, until the record that it refuses stands alone. */
  private async isolate(
    at: StreamPartition,
    { from, to, records }: RecordSpan,
    parsed: readonly Parsed<ShopEvent>[],
    error: QueryFailedError,
  ): Promise<SpanResult | undefined> {
    const half = Math.floor(records.length / 2);
    const middle = records[half]?.offset;
    if (half === 0 || middle === undefined) {
      if (!parsed[0]?.value) throw error;
      return this.write(at, { from, to, records }, [{ rejection: refusal(error) }]);
    }
    const first = await this.write(at, { from, to: middle, records: records.slice(0, half) }, parsed.slice(0, half));
    const rest = { from: middle, to, records: records.slice(half) };
    const second = first && (await this.write(at, rest, parsed.slice(half)));
    return (
      second && {
        written: first.written + second.written,
        duplicates: first.duplicates + second.duplicates,
        deadLettered: first.deadLettered + second.deadLettered,
        withheld: first.withheld + second.withheld,
        commitSeconds: first.commitSeconds + second.commitSeconds,
      }
    );
  }
}

/** PostgreSQL error classes of a value that it does not take: 22 data exception, 23 constraint, 54 program limit. */
function isDataFault(error: unknown): error is QueryFailedError {
  if (!(error instanceof QueryFailedError)) return false;
  const { code = '' } = error.driverError as { code?: string };
  return /^(22|23|54)/.test(code);
}

const refusal = ({ message }: QueryFailedError): Rejection => ({
  code: 'database_refused',
  message: `the database does not take it: ${message}`,
});
