import { describe, expect, it } from 'vitest';
import { Random, type EventType, type ShopEvent } from '#domain';
import { MAXIMUM_STEPS, sessionise, type StoredSession } from './sessionise.js';

const GAP = 30 * 60_000;
const MINUTE = 60_000;

let counter = 0;

function event(visitorId: string, minute: number, itemId: string, more: Partial<ShopEvent> = {}): ShopEvent {
  counter += 1;
  const occurredAt = Date.UTC(2026, 0, 1) + minute * MINUTE;
  return { store: 's', eventId: `e${counter}`, type: 'view', visitorId, items: [{ itemId }], occurredAt, ...more };
}

/** A database of sessions: applies changes as the store does. */
class Memory {
  private readonly sessions = new Map<string, StoredSession>();
  private next = 1;

  apply(events: readonly ShopEvent[]): void {
    const { upserts, deletions } = sessionise([...this.sessions.values()], events, GAP);
    for (const id of deletions) this.sessions.delete(id);
    for (const session of upserts) {
      const id = session.id ?? String(this.next++);
      this.sessions.set(id, { ...session, id });
    }
  }

  /** Sessions as texts, in an order of their own. */
  get texts(): string[] {
    return [...this.sessions.values()].map(describeSession).sort();
  }
}

function describeSession({ visitorId, sessionId, steps }: StoredSession): string {
  const start = steps[0]?.occurredAt ?? 0;
  const path = steps.map(({ itemId, type, occurredAt }) => `${type} ${itemId} +${(occurredAt - start) / MINUTE}`);
  return `${visitorId}/${sessionId ?? '-'} ${start}: ${path.join(', ')}`;
}

function run(...batches: ShopEvent[][]): string[] {
  const memory = new Memory();
  for (const batch of batches) memory.apply(batch);
  return memory.texts.map((text) => text.replace(/ \d{13}/, ''));
}

/** The definition, as naive as can be: all events at once, one visitor at a time, one pass. */
function oracle(arrived: readonly ShopEvent[]): string[] {
  const steps = arrived
    .filter(({ type }) => ['view', 'click', 'add_to_cart', 'purchase'].includes(type))
    .flatMap(({ visitorId, sessionId, type, occurredAt, items }) =>
      items.map(({ itemId }) => ({ visitorId, sessionId, itemId, type, occurredAt })),
    );
  const ordered = steps
    .map((step, arrival) => ({ step, arrival }))
    .sort((a, b) => a.step.occurredAt - b.step.occurredAt || a.arrival - b.arrival);
  const sessions: { visitorId: string; sessionId?: string; steps: typeof steps }[] = [];
  for (const { step } of ordered) {
    const own = sessions.filter(
      ({ visitorId, sessionId }) => visitorId === step.visitorId && sessionId === step.sessionId,
    );
    const open = own.find(
      (session) => step.sessionId !== undefined || step.occurredAt - (session.steps.at(-1)?.occurredAt ?? 0) <= GAP,
    );
    if (open) open.steps.push(step);
    else {
      const { visitorId, sessionId } = step;
      sessions.push({ visitorId, ...(sessionId !== undefined && { sessionId }), steps: [step] });
    }
  }
  return sessions.map(describeSession).sort();
}

describe('sessionise', () => {
  it('begins a session after a silence longer than the gap, not of the gap itself', () => {
    expect(run([event('v', 0, 'a'), event('v', 30, 'b'), event('v', 60.01, 'c')])).toEqual([
      'v/-: view a +0, view b +30',
      'v/-: view c +0',
    ]);
  });

  it('keeps visitors, and sessions with names, apart', () => {
    expect(
      run(
        [event('v', 0, 'a'), event('w', 0, 'b'), event('v', 1, 'c', { sessionId: 'x' })],
        [event('v', 500, 'd', { sessionId: 'x' }), event('w', 1, 'e', { sessionId: 'x' })],
      ),
    ).toEqual(['v/-: view a +0', 'v/x: view c +0, view d +499', 'w/-: view b +0', 'w/x: view e +0']);
  });

  it('lets a late event extend a session backwards and join two', () => {
    expect(run([event('v', 40, 'b')], [event('v', 20, 'a')])).toEqual(['v/-: view a +0, view b +20']);
    expect(run([event('v', 0, 'a'), event('v', 50, 'c')], [event('v', 25, 'b')])).toEqual([
      'v/-: view a +0, view b +25, view c +50',
    ]);
  });

  it('keeps the id of the earliest part of joined sessions and deletes the others', () => {
    const stored = (id: string, minute: number): StoredSession => ({
      id,
      visitorId: 'v',
      steps: [{ itemId: id, type: 'view', occurredAt: Date.UTC(2026, 0, 1) + minute * MINUTE }],
    });
    const { upserts, deletions } = sessionise(
      [stored('3', 50), stored('1', 0), stored('9', 300)],
      [event('v', 25, 'x')],
      GAP,
    );
    expect(upserts.map(({ id, steps }) => [id, steps.map(({ itemId }) => itemId).join()])).toEqual([['1', '1,x,3']]);
    expect(deletions).toEqual(['3']);
  });

  it('leaves steps of one time in order of arrival, and items in the order given', () => {
    expect(
      run(
        [event('v', 5, 'b')],
        [event('v', 5, 'a'), event('v', 4, 'z', { type: 'purchase', items: [{ itemId: 'y' }, { itemId: 'x' }] })],
      ),
    ).toEqual(['v/-: purchase y +0, purchase x +0, view b +1, view a +1']);
  });

  it('makes no step of a search, an impression or a removal, nor lets them bridge a silence', () => {
    const others: ShopEvent[] = (['search', 'impression', 'remove_from_cart'] as EventType[]).map((type) =>
      event('v', 20, 'n', { type }),
    );
    expect(run([event('v', 0, 'a'), ...others, event('v', 40, 'b')])).toEqual(['v/-: view a +0', 'v/-: view b +0']);
    expect(run(others)).toEqual([]);
  });

  it('equals the definition for any order of arrival and any cut into batches', () => {
    const random = new Random(20260101);
    const pick = <T>(values: readonly T[]): T => values[random.integer(values.length)] as T;
    for (let round = 0; round < 300; round += 1) {
      const events = Array.from({ length: 1 + random.integer(40) }, () =>
        event(pick(['v', 'w']), random.integer(30) * 10, pick(['a', 'b', 'c']), {
          type: pick(['view', 'view', 'view', 'click', 'add_to_cart', 'purchase', 'search', 'impression']),
          ...(random.integer(4) === 0 && { sessionId: pick(['x', 'y']) }),
          ...(random.integer(8) === 0 && { items: [{ itemId: 'm' }, { itemId: 'n' }] }),
        }),
      );
      const memory = new Memory();
      for (let from = 0; from < events.length;) {
        const size = 1 + random.integer(12);
        memory.apply(events.slice(from, from + size));
        from += size;
      }
      expect(memory.texts).toEqual(oracle(events));
    }
  });

  it.each([{}, { sessionId: 'x' }])('keeps the latest steps of an endless session %j', (more) => {
    const random = new Random(5);
    const ordered = Array.from({ length: 2.5 * MAXIMUM_STEPS }, (_, index) =>
      event('v', index / 100, `i${index}`, more),
    );
    // Disorder of up to forty places, as from several servers.
    const arrived = ordered
      .map((one, index) => ({ one, place: index + random.integer(40) }))
      .sort((a, b) => a.place - b.place)
      .map(({ one }) => one);
    const batches = Array.from({ length: 10 }, (_, index) => arrived.slice(index * 250, (index + 1) * 250));
    const [text, ...others] = run(...batches);
    expect(others).toEqual([]);
    expect(text?.match(/i\d+/g)).toEqual(ordered.slice(-MAXIMUM_STEPS).map(({ items }) => items[0]?.itemId));
  });
});
