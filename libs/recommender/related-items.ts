import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import { MicroBatcher, prepared } from '#platform';
import type { RelationKind } from './relations.js';

/** What goes with an item, the closest first; the two lists are parallel. */
export interface Related {
  readonly itemIds: readonly string[];
  /** Above 0 and below 1. */
  readonly scores: readonly number[];
}

interface Question {
  readonly store: string;
  readonly kind: RelationKind;
  readonly itemId: string;
}

interface Row {
  /** Joined by a control character, which no id holds; null where nothing is known. */
  readonly related: string | null;
  readonly scores: string | null;
}

/** An answer, and until when nobody has to ask again. */
interface Known {
  related: Related;
  /** Milliseconds of `performance.now()`. */
  freshUntil: number;
}

/** Ids in memory, some 50 MB. */
const mostIds = 1_000_000;
const lifetimeMs = 300_000;
/** Of what was not there: it may come with the next refresh. And before it is asked again what could not be read anew. */
const shortLifetimeMs = 15_000;
const pauseBetweenWarningsMs = 60_000;
const questionsAtOnce = 500;
const none: Related = { itemIds: [], scores: [] };

/** Reads what goes with an item: what many requests ask for together with one query, and for some minutes once. */
@Injectable()
export class RelatedItems {
  private readonly logger = new Logger(RelatedItems.name);
  private readonly query: (values: readonly unknown[]) => Promise<Row[]>;
  private readonly batcher: MicroBatcher<Question, Related>;
  /** Counts what a store forgot, so that what was read before is not found any more. */
  private readonly generations = new Map<string, number>();
  private warnedAt = -Infinity;
  // Without its `fetch`, which makes and aborts a signal, with an error, each time that something is read.
  private readonly cache = new LRUCache<string, Known>({
    maxSize: mostIds,
    sizeCalculation: ({ related }) => related.itemIds.length + 1,
  });

  constructor(@InjectDataSource() dataSource: DataSource) {
    this.query = prepared(
      dataSource,
      'nextpick_related',
      // `offset 0` keeps one index look-up for each question, whatever the statistics of a growing table say.
      `select found.related, found.scores
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as asked (store, kind, item_id, place)
       left join lateral (
         select array_to_string(related, chr(31)) as related, array_to_string(scores, ' ') as scores from item_relations
         where store = asked.store and kind = asked.kind and item_id = asked.item_id offset 0
       ) as found on true order by place`,
    );
    this.batcher = new MicroBatcher((questions) => this.answer(questions), questionsAtOnce);
  }

  /** What goes with each of the items, in their order; empty lists for those of which nothing is known. */
  of(store: string, kind: RelationKind, itemIds: readonly string[]): Promise<readonly Related[]> {
    const prefix = `${kind} ${this.generations.get(store) ?? 0} ${store}\n`;
    return Promise.all(itemIds.map(async (itemId) => this.known(prefix + itemId, { store, kind, itemId })));
  }

  /** To be called when the relations of a store were computed anew. */
  forget(store: string): void {
    this.generations.set(store, (this.generations.get(store) ?? 0) + 1);
  }

  private async answer(questions: readonly Question[]): Promise<Related[]> {
    try {
      const rows = await this.query([
        questions.map(({ store }) => store),
        questions.map(({ kind }) => kind),
        questions.map(({ itemId }) => itemId),
      ]);
      return rows.map(fromRow);
    } catch (error) {
      // Every request may meet the same failure.
      if (Date.now() - this.warnedAt >= pauseBetweenWarningsMs) {
        this.warnedAt = Date.now();
        this.logger.warn(`What goes with which item could not be read: ${String(error)}`);
      }
      throw error;
    }
  }

  /** What is old is given once more while it is read anew, and longer when that fails. */
  private known(key: string, question: Question): Related | Promise<Related> {
    const known = this.cache.get(key);
    if (!known) return this.read(key, question);
    const now = performance.now();
    if (now >= known.freshUntil) {
      known.freshUntil = now + shortLifetimeMs;
      this.read(key, question).catch(() => undefined);
    }
    return known.related;
  }

  private async read(key: string, question: Question): Promise<Related> {
    const related = await this.batcher.ask(question);
    const lifetime = related.itemIds.length === 0 ? shortLifetimeMs : lifetimeMs;
    this.cache.set(key, { related, freshUntil: performance.now() + lifetime });
    return related;
  }
}

function fromRow({ related, scores }: Row): Related {
  if (related === null || scores === null) return none;
  return { itemIds: related.split('\u001f'), scores: scores.split(' ').map(Number) };
}
