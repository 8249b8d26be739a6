import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { CatalogModule, CatalogStore } from '#catalog';
import { EventIntake, EventsModule } from '#events';
import { Configuration, PlatformModule } from '#platform';
import { SessionStore } from '#sessions';
import { createTestDatabase } from '../../support/database.js';

describe('PlatformModule', () => {
  it('gives the feature modules one database, and closes it', async () => {
    const database = await createTestDatabase();
    try {
      const configuration = Object.assign(new Configuration(), { databaseUrl: database.url, sessionGapMinutes: 5 });
      const module = await Test.createTestingModule({
        imports: [PlatformModule.forRoot(configuration), EventsModule, CatalogModule],
      }).compile();
      await module.init();
      const dataSource = module.get(DataSource);
      expect(await dataSource.query('select count(*)::int as events from events')).toEqual([{ events: 0 }]);
      expect(module.get(Configuration)).toBe(configuration);

      const now = Date.now();
      const seen = (eventId: string, minutesAgo: number): object => ({
        eventId,
        type: 'view',
        visitorId: 'v',
        itemId: eventId,
        occurredAt: new Date(now - minutesAgo * 60_000).toISOString(),
      });
      await module.get(EventIntake).accept('s', [seen('a', 9), seen('b', 3)]);
      const open = await module.get(SessionStore, { strict: false }).openSession('s', { visitorId: 'v' }, now);
      expect(open?.steps.map(({ itemId }) => itemId)).toEqual(['b']);
      expect(await module.get(CatalogStore).describe('s', ['a'])).toEqual(new Map());

      await module.close();
      expect(dataSource.isInitialized).toBe(false);
    } finally {
      await database.drop();
    }
  });
});
