import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batches } from '#platform';
import type { SimulatedEvent, SimulatedItem } from '#simulator';
import { numberOf, runCommand } from '../command.js';

const ITEMS_AT_ONCE = 1_000;
const EVENTS_AT_ONCE = 200;
/** Of a day's events so many come one request after the other, the rest as a file. */
const EVENTS_BY_HTTP = 1_000;
const ERASURES_AT_ONCE = 8;

/** How a shop reaches an API that is running. */
export interface ShopAccess {
  readonly databaseUrl: string;
  readonly url: string;
  /** A secret one. */
  readonly key: string;
}

/** The shop's side: its catalogue, its events, its orders to forget somebody. Counts the requests that failed. */
export class ShopDoor {
  private catalogue: ReadonlyMap<string, SimulatedItem> = new Map();
  requests = 0;
  failed = 0;

  constructor(private readonly access: ShopAccess) {}

  /** The whole catalogue: what was in the one before and is not in this is not available any more. */
  async publish(items: readonly SimulatedItem[]): Promise<void> {
    const next = new Map(items.map((item) => [item.itemId, item]));
    const gone = [...this.catalogue.values()].filter(({ itemId }) => !next.has(itemId));
    for (const some of batches([...gone.map((item) => ({ ...item, available: false })), ...items], ITEMS_AT_ONCE)) {
      await this.ask('PUT', '/v1/items', { items: some });
    }
    this.catalogue = next;
  }

  /** @throws Error when an event was not taken */
  async send(events: readonly SimulatedEvent[]): Promise<void> {
    for (const some of batches(events.slice(0, EVENTS_BY_HTTP), EVENTS_AT_ONCE)) {
      await this.ask('POST', '/v1/events', { events: some });
    }
    const rest = events.slice(EVENTS_BY_HTTP);
    if (rest.length === 0) return;
    const folder = await mkdtemp(join(tmpdir(), 'nextpick-bench-'));
    try {
      const file = join(folder, 'events.ndjson');
      await writeFile(file, rest.map((event) => `${JSON.stringify(event)}\n`).join(''));
      const report = await runCommand(this.access.databaseUrl, ['import', 'events', file, '--json']);
      if (numberOf(report, 'accepted') !== rest.length) {
        throw new Error(`of ${rest.length} events not all were taken: ${JSON.stringify(report)}`);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async erase(visitorIds: readonly string[]): Promise<void> {
    const left = [...visitorIds];
    const worker = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) await this.ask('DELETE', `/v1/visitors/${id}`);
    };
    await Promise.all(Array.from({ length: ERASURES_AT_ONCE }, worker));
  }

  /** The version that answers a visitor who has seen these items; null when the request failed. */
  async answeringModel(items: readonly string[]): Promise<string | null> {
    const answer = await this.ask('POST', '/v1/recommendations', { items });
    return (answer as { model?: string | null } | null)?.model ?? null;
  }

  /** What was answered; null when that was no success. Each on a connection of its own, so that every process gets some. */
  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    this.requests += 1;
    try {
      const response = await fetch(`${this.access.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.access.key}`,
          connection: 'close',
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const answer: unknown = await response.json();
      const rejected = (answer as { rejected?: unknown[] }).rejected ?? [];
      if (response.ok && rejected.length === 0) return answer;
      this.fail(`${method} ${path}: ${response.status} ${JSON.stringify(answer).slice(0, 300)}`);
    } catch (error) {
      this.fail(`${method} ${path}: ${String(error)}`);
    }
    return null;
  }

  private fail(what: string): void {
    this.failed += 1;
    console.error(what);
  }
}
