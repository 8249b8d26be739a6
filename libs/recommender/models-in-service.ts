import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DomainError } from '#domain';
import { reasonOf } from '#platform';
import { ModelRegistry } from '#registry';
import { PromotionWatch } from './promotion-watch.js';
import { ServingModel } from './serving-model.js';

/** What serves a store, and why that is not what was promoted, if so. */
export interface ModelState {
  readonly store: string;
  /** The version that answers; null when popularity has to. */
  readonly serving: string | null;
  /** Why the promoted version is not the one that answers; null when it is. */
  readonly problem: string | null;
}

interface Place {
  model: ServingModel | null;
  problem: string | null;
  /** A version that could not be loaded, not to be tried again before `retryAt`. */
  failed: { version: string; retryAt: number } | null;
}

const retryMs = 60_000;

/**
 * Holds the loaded model of every store, and follows the promotions: a new version is loaded and warmed up beside the
 * old one, which answers until the very switch, and goes on answering when the new one cannot be loaded. Where there is no old one, as at the
 * start, the newest version answers that a rollback would return to and that can be loaded.
 */
@Injectable()
export class ModelsInService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ModelsInService.name);
  private readonly places = new Map<string, Place>();
  private queue: Promise<unknown> = Promise.resolve();
  /** A refresh that has not begun: it does for whoever wants one meanwhile. */
  private nextRefresh: Promise<void> | null = null;
  private watch: PromotionWatch | null = null;

  constructor(private readonly registry: ModelRegistry) {}

  /** Loads every model in service, then follows. */
  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
    this.watch = new PromotionWatch(this.registry, () => this.refresh());
  }

  async onApplicationShutdown(): Promise<void> {
    this.watch?.stop();
    await this.inTurn(async () => {
      for (const { model } of this.places.values()) await model?.retire();
      this.places.clear();
    });
  }

  /** The model that answers for a store now. Use it in the same turn: it may be retired in a later one. */
  current(store: string): ServingModel | null {
    return this.places.get(store)?.model ?? null;
  }

  /** The state of every store that has, or should have, a model. */
  states(): ModelState[] {
    return [...this.places].map(([store, { model, problem }]) => ({
      store,
      serving: model?.version ?? null,
      problem,
    }));
  }

  /** Puts what the registry says in service, store by store; what fails is logged and leaves the old model. */
  refresh(): Promise<void> {
    this.nextRefresh ??= this.inTurn(async () => {
      this.nextRefresh = null;
      for (const [store, version] of await this.registry.allInService()) await this.follows(store, version);
    });
    return this.nextRefresh;
  }

  /**
   * Promotes a version once it has proved here that it can be loaded.
   * @throws DomainError `model_not_found`, `artefact_corrupt` or `model_unusable`; then nothing has changed.
   */
  async promote(store: string, version: string, reason: string): Promise<void> {
    await this.inTurn(async () => {
      if (this.current(store)?.version === version) {
        await this.registry.promote(store, version, reason);
        return;
      }
      const model = await this.load(store, version);
      try {
        await this.registry.promote(store, version, reason);
      } catch (error) {
        await model.retire();
        throw error;
      }
      this.switchTo(store, model);
    });
  }

  /** Rolls back and serves the earlier version; resolves to it. Throws as {@link ModelRegistry.rollback} does. */
  async rollback(store: string): Promise<string> {
    const version = await this.registry.rollback(store);
    await this.refresh();
    return version;
  }

  private async follows(store: string, version: string): Promise<void> {
    const place = this.place(store);
    if (place.model?.version === version) {
      place.problem = null;
      return;
    }
    if (place.failed?.version === version && place.failed.retryAt > Date.now()) return;
    try {
      this.switchTo(store, await this.load(store, version));
    } catch (error) {
      place.problem = reasonOf(error);
      const settled = isLasting(error) && (place.model !== null || (await this.takeEarlier(store, place, version)));
      place.failed = settled ? { version, retryAt: Date.now() + retryMs } : null;
      this.logger.error(
        `${place.problem} Store ${store} is served by ${place.model ? `model ${place.model.version}` : 'popularity'}.`,
      );
    }
  }

  /** Resolves to false when something failed that may soon work. */
  private async takeEarlier(store: string, place: Place, failed: string): Promise<boolean> {
    try {
      for (const version of new Set(await this.registry.returnable(store))) {
        if (version === failed) continue;
        const model = await this.load(store, version).catch((error: unknown) => {
          if (!isLasting(error)) throw error;
          this.logger.error(reasonOf(error));
        });
        if (!model) continue;
        place.model = model;
        break;
      }
      return true;
    } catch (error) {
      this.logger.warn(`No earlier model could be read: ${reasonOf(error)}`);
      return false;
    }
  }

  private async load(store: string, version: string): Promise<ServingModel> {
    return ServingModel.load(await this.registry.load(store, version));
  }

  private switchTo(store: string, model: ServingModel): void {
    const place = this.place(store);
    const old = place.model;
    Object.assign(place, { model, problem: null, failed: null });
    this.logger.log(`Store ${store} is served by model ${model.version}`);
    old?.retire().catch((error: unknown) => {
      this.logger.warn(`Model ${old.version} could not be freed: ${String(error)}`);
    });
  }

  private place(store: string): Place {
    const place = this.places.get(store) ?? { model: null, problem: null, failed: null };
    this.places.set(store, place);
    return place;
  }

  /** One change at a time, so that a slow load cannot overtake a later one. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.queue.then(change);
    // Whoever asked for the change hears of its failure; the next in the queue need not.
    this.queue = turn.catch(() => undefined);
    return turn;
  }
}

/** Whether trying again soon is no use. */
function isLasting(error: unknown): boolean {
  return error instanceof DomainError && !error.retriable;
}
