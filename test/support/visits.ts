import type { DataSource } from 'typeorm';
import { EventIntake } from '#events';
import { SessionStore } from '#sessions';

/**
 * Gives the store `default` visits of four views each, 4 items in all.
 * @param ages when the visits were, the first one first, in milliseconds ago
 * @param visits how many; of 40 none is held out to judge a model, of 200 enough are
 */
export async function fillWithVisits(
  dataSource: DataSource,
  ages: (visit: number) => number,
  visits = 40,
): Promise<void> {
  const now = Date.now();
  const events = Array.from({ length: visits }, (_, visit) =>
    ['a', 'b', 'c', 'd'].map((_item, step, items) => ({
      eventId: `${visit}-${step}`,
      type: 'view',
      visitorId: `visitor-${visit}`,
      itemId: items[(visit + step) % items.length],
      occurredAt: new Date(now - ages(visit) + step * 1_000).toISOString(),
    })),
  );
  await new EventIntake(dataSource, new SessionStore(dataSource, 30 * 60_000)).accept('default', events.flat());
}
