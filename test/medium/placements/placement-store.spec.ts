import { afterAll, beforeAll, expect, test } from 'vitest';
import { parsePlacement, PlacementStore } from '#placements';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let placements: PlacementStore;

beforeAll(async () => {
  database = await createTestDatabase();
  placements = new PlacementStore(database.dataSource);
});
afterAll(() => database.drop());

test('each store has its own placements, by name, as they were put last', async () => {
  const [small, ruled] = [
    parsePlacement({ count: 3 }),
    parsePlacement({ rules: [{ hide: { field: 'title', eq: `'; drop table placements; --` } }] }),
  ];
  await placements.put('shoes', 'side', small);
  await placements.put('shoes', 'home', small);
  await placements.put('shoes', 'home', ruled);
  await placements.put('bags', 'home', small);
  expect(await placements.list('shoes')).toEqual([
    { name: 'home', ...ruled },
    { name: 'side', ...small },
  ]);
  expect(await placements.get('shoes', 'home')).toEqual(ruled);
  expect(await placements.get('bags', 'home')).toEqual(small);
  await placements.remove('shoes', 'home');
  expect(await placements.list('shoes')).toEqual([{ name: 'side', ...small }]);
  expect(await placements.list('bags')).toEqual([{ name: 'home', ...small }]);
});

test('a placement that is not there, and a name that is none, are told', async () => {
  const notFound = {
    kind: 'notFound',
    code: 'placement_not_found',
    message: expect.stringContaining('"gone"') as string,
  };
  await expect(placements.get('shoes', 'gone')).rejects.toMatchObject(notFound);
  await expect(placements.remove('shoes', 'gone')).rejects.toMatchObject(notFound);
  await expect(placements.put('shoes', 'a\0b', parsePlacement({}))).rejects.toThrow('name must not contain control');
});
