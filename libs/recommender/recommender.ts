import { Injectable, Logger } from '@nestjs/common';
import type { Recommendation, RepeatMode, StrategyName } from '#domain';
import { itemSequence, SessionStore } from '#sessions';
import { fillAnswer } from './answer.js';
import { Assortment } from './assortment.js';
import type { Filter } from './filters/filter.js';
import { LIMITS } from './limits.js';
import { ModelsInService } from './models-in-service.js';
import { PopularityTimer } from './popularity-timer.js';
import { Strategies } from './strategies/strategies.js';

/** A question for the next items, within {@link LIMITS}. */
export interface RecommendationRequest {
  /** The session, oldest first. When absent, the open session of the visitor is read. */
  readonly items?: readonly string[];
  readonly visitorId?: string;
  /** The shop's own name of the visitor's session. */
  readonly sessionId?: string;
  readonly count: number;
  readonly repeat: RepeatMode;
  /** Never in the answer. */
  readonly exclude: readonly string[];
  /** Only items that it lets through are in the answer. Its context is the newest item of the session. */
  readonly filter?: Filter;
}

export interface RecommendationAnswer {
  /** The version in service; null before the first. */
  readonly model: string | null;
  /** Best first; fewer than asked for only when the shop has no more items that may be given. */
  readonly recommendations: readonly Recommendation[];
}

/** Asked in this order. */
const strategyNames: readonly StrategyName[] = ['next-item', 'trending', 'popular'];

/** Answers what a visitor may want next. */
@Injectable()
export class Recommender {
  private readonly logger = new Logger(Recommender.name);

  constructor(
    private readonly models: ModelsInService,
    private readonly strategies: Strategies,
    private readonly popularity: PopularityTimer,
    private readonly sessions: SessionStore,
    private readonly assortment: Assortment,
  ) {}

  /** Always gives an answer while the database can be read; an empty one for a shop without sessions. */
  async recommend(store: string, request: RecommendationRequest): Promise<RecommendationAnswer> {
    this.popularity.keep(store);
    const session = await this.sessionOf(store, request);
    const { filter } = request;
    const selection = filter ? await this.assortment.select(store, filter, session.at(-1)) : null;
    const unavailable = await this.assortment.offSale(store);
    const model = this.models.current(store)?.version ?? null;
    const excluded = new Set([...barredBySession(session, request.repeat), ...request.exclude]);
    const recommendations = await fillAnswer(
      strategyNames.map((name) => this.strategies.named(name)),
      { store, session, visitorId: request.visitorId ?? null, count: request.count, excluded, unavailable, selection },
      ({ source }, error) => {
        this.logger.error(
          `No ${source} items for store ${store}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      },
    );
    return { model, recommendations };
  }

  /** To be called when items were added, changed or removed, so that the next answer knows. */
  catalogueChanged(store: string): void {
    this.assortment.changed(store);
    this.strategies.catalogueChanged(store);
  }

  private async sessionOf(store: string, request: RecommendationRequest): Promise<readonly string[]> {
    if (request.items) return request.items;
    const { visitorId, sessionId } = request;
    if (visitorId === undefined) return [];
    const session = await this.sessions.openSession(
      store,
      sessionId === undefined ? { visitorId } : { visitorId, sessionId },
      Date.now(),
    );
    return session ? itemSequence(session.steps).slice(-LIMITS.items) : [];
  }
}

function barredBySession(session: readonly string[], repeat: RepeatMode): readonly string[] {
  if (repeat === 'all') return [];
  return repeat === 'none' ? session : session.slice(-1);
}
