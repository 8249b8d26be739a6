import { Injectable } from '@nestjs/common';
import { itemSequence, SessionStore } from '#sessions';
import { VisitorHistory } from '#visitors';
import { LIMITS } from './limits.js';
import type { Asker } from './question.js';
import { ScoringBudget } from './scoring-budget.js';

/** What is known of the visitor who asks. */
export class Visit {
  private cartRead: Promise<readonly string[]> | undefined;
  private readonly boughtRead = new Map<number, Promise<readonly string[]>>();

  constructor(
    readonly store: string,
    /** The items of the session, oldest first. */
    readonly session: readonly string[],
    /** Whose history may be read; null for nobody's. */
    readonly visitorId: string | null,
    /** When its answers must be there, in milliseconds of `performance.now()`. */
    readonly deadline: number,
    private readonly history: Pick<VisitorHistory, 'cart' | 'bought'>,
  ) {}

  /** The items in the cart; read when it is first asked for. */
  cart(): Promise<readonly string[]> {
    if (this.visitorId === null) return nothing;
    return (this.cartRead ??= this.history.cart(this.store, this.visitorId));
  }

  /** The items bought during the last `days`; read when they are first asked for. */
  bought(days: number): Promise<readonly string[]> {
    if (this.visitorId === null) return nothing;
    const read = this.boughtRead.get(days) ?? this.history.bought(this.store, this.visitorId, days);
    this.boughtRead.set(days, read);
    return read;
  }
}

const nothing: Promise<readonly string[]> = Promise.resolve([]);

/** Reads what is known of visitors, and of those who do not consent nothing. */
@Injectable()
export class Visits {
  constructor(
    private readonly sessions: SessionStore,
    private readonly history: VisitorHistory,
    private readonly budget: ScoringBudget,
  ) {}

  /** At most one query, and none when the session is given. A session that is not read in time is taken for an empty one. */
  async of(store: string, { items, visitorId, sessionId, consent }: Asker): Promise<Visit> {
    const deadline = this.budget.deadline();
    if (visitorId === undefined || consent === false)
      return new Visit(store, items ?? [], null, deadline, this.history);
    const session =
      items ??
      (await this.openSession(store, sessionId === undefined ? { visitorId } : { visitorId, sessionId }, deadline));
    return new Visit(store, session, visitorId, deadline, this.history);
  }

  private async openSession(
    store: string,
    visitor: { visitorId: string; sessionId?: string },
    deadline: number,
  ): Promise<readonly string[]> {
    const read = () => this.sessions.openSession(store, visitor, Date.now(), deadline);
    const session = await this.budget.within(deadline, 'session', read, null);
    return session ? itemSequence(session.steps).slice(-LIMITS.items) : [];
  }
}
