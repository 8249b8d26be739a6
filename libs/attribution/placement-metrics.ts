import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, QueryFailedError } from 'typeorm';
import { DomainError, InvalidInputError } from '#domain';
import { DAY_FORM, formatDay, parseDay } from '#platform';
import { placementFigures } from './placement-figures.js';
import { settledDays } from './settle-placement-days.js';
import { requestIdsFrom, type ServingContext } from './request-id.js';

/** Which answers to tell about. */
export interface PlacementQuestion {
  /** The first day of UTC, such as `2026-01-31`; 29 days before the last unless given. */
  readonly from?: string;
  /** The last day; today unless given. */
  readonly until?: string;
  /** Only this placement. */
  readonly placement?: string;
}

/** What was bought, in one currency. */
interface Revenue {
  /** ISO 4217; null when the purchases named none. */
  readonly currency: string | null;
  readonly amount: number;
}

/** What the answers of one day, placement and model led to, whenever it came. */
export interface PlacementFigures extends ServingContext {
  /** The day of the answers, UTC. */
  readonly day: string;
  readonly requests: number;
  /** Items in the answers. */
  readonly items: number;
  /** Items of answers that were shown; one shown again under the same answer counts once. */
  readonly impressions: number;
  /** Items of answers that were clicked or viewed; one clicked and then viewed counts once. */
  readonly clicks: number;
  /** Units put into the cart. */
  readonly carts: number;
  /** Units purchased. */
  readonly purchases: number;
  /** Units times price, by currency; what was purchased without a price is not in it. */
  readonly revenue: readonly Revenue[];
  /** Clicks by impressions; null without impressions. */
  readonly clickThroughRate: number | null;
}

export interface PlacementReport {
  readonly from: string;
  readonly until: string;
  /** By day, placement and model; those alone that gave an answer. */
  readonly figures: readonly PlacementFigures[];
}

/** The most days that one question may be about. */
export const MOST_DAYS = 92;

const dayMs = 86_400_000;
const usualDays = 30;
const longestMs = 20_000;
const QUERY_CANCELED = '57014';

/** Tells what placements led to. An event counts for the answer that it names; see `placementFigures` for those that name none. */
@Injectable()
export class PlacementMetrics {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * @throws InvalidInputError `range_invalid` that names the field, for something that is no day, for a range that ends before it starts
   *   and for one of more than `MOST_DAYS` days
   * @throws DomainError `metrics_too_slow` when the events cannot be counted in 20 seconds
   */
  async of(store: string, question: PlacementQuestion): Promise<PlacementReport> {
    const range = rangeOf(question);
    const figures = await this.read(store, range, question.placement ?? null);
    return { from: formatDay(range[0]), until: formatDay(range[1]), figures };
  }

  /** In its time, and without taking more than one core from the answers. */
  private async read(
    store: string,
    [first, last]: readonly [number, number],
    placement: string | null,
  ): Promise<PlacementFigures[]> {
    try {
      return await this.dataSource.transaction(async (manager) => {
        await manager.query(
          `select set_config('statement_timeout', $1, true), set_config('work_mem', '32MB', true),
             set_config('max_parallel_workers_per_gather', '0', true)`,
          [longestMs],
        );
        // No month of events is dropped from here on; and what was dropped before was settled before.
        await manager.query('lock table only events in access share mode');
        const { settledUntil, keptFrom } = await settledDays(manager, store);
        const shown = Math.max(first, keptFrom);
        const counted = Math.min(Math.max(shown, settledUntil), last + 1);
        return manager.query<PlacementFigures[]>(placementFigures, [
          store,
          requestIdsFrom(counted * dayMs),
          requestIdsFrom((last + 1) * dayMs),
          placement,
          formatDay(shown),
          formatDay(last),
        ]);
      });
    } catch (error) {
      const code = error instanceof QueryFailedError ? (error.driverError as { code?: string }).code : undefined;
      if (code !== QUERY_CANCELED) throw error;
      throw new DomainError(
        'unavailable',
        'metrics_too_slow',
        `These days have more events than can be counted in ${longestMs / 1_000} seconds. Ask about fewer days at a time.`,
      );
    }
  }
}

/** The first and the last day, in days since the epoch. */
function rangeOf({ from, until }: PlacementQuestion): [number, number] {
  const last = until === undefined ? Math.floor(Date.now() / dayMs) : dayOf('until', until);
  const first = from === undefined ? Math.max(0, last - usualDays + 1) : dayOf('from', from);
  if (first > last) throw invalid('from', `must not be after the last day, which is ${formatDay(last)}`);
  if (last - first >= MOST_DAYS) {
    const earliest = formatDay(last - MOST_DAYS + 1);
    throw invalid('from', `must be ${earliest} or later: until ${formatDay(last)}, that makes ${MOST_DAYS} days`);
  }
  return [first, last];
}

function dayOf(field: string, text: string): number {
  const day = parseDay(text);
  if (Number.isNaN(day)) throw invalid(field, DAY_FORM);
  return day;
}

function invalid(field: string, what: string): InvalidInputError {
  return new InvalidInputError('range_invalid', `${field} ${what}.`, { field });
}
