import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CatalogStore, importItems } from '#catalog';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

describe('the catalogue', () => {
  let database: TestDatabase;
  let catalog: CatalogStore;
  let folder: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    catalog = new CatalogStore(database.dataSource);
    folder = await mkdtemp(join(tmpdir(), 'nextpick-catalog-'));
  });
  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  const items = (): Promise<unknown[]> =>
    database.dataSource.query(
      `select item_id, title, url, image_url, price, currency, categories, available, available_from, available_until, attributes from items order by item_id`,
    );
  const file = async (name: string, content: string | Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const bare = {
    title: null,
    url: null,
    image_url: null,
    price: null,
    currency: null,
    available: true,
    available_from: null,
    available_until: null,
    attributes: {},
  };

  it('stores good items, replaces known ones, and says what is wrong with the others', async () => {
    const kettle = {
      itemId: 'a',
      title: `Kettle'; drop table items; --`,
      url: 'https://shop.example/a',
      imageUrl: 'https://shop.example/a.jpg',
      price: 9.5,
      currency: 'EUR',
      categories: ['Kitchen', `{"NULL"}`],
      available: false,
      attributes: { colour: 'blue' },
    };
    const result = await catalog.put('s', [kettle, { itemId: '' }, { itemId: 'b' }, { itemId: 'b', title: 'Later' }]);
    expect(result).toMatchObject({ accepted: 3, rejected: [{ index: 1, code: 'invalid_field' }] });
    const { itemId: item_id, imageUrl: image_url, ...same } = kettle;
    expect(await items()).toEqual([
      { item_id, image_url, available_from: null, available_until: null, ...same },
      { ...bare, item_id: 'b', title: 'Later', categories: [] },
    ]);
    await catalog.put('s', [{ itemId: 'a' }]);
    expect((await items())[0]).toEqual({ ...bare, item_id: 'a', categories: [] });
  });

  const offSale = async (store: string, now: number): Promise<string[]> =>
    [...(await catalog.availability(store)).offSaleAt(now)].sort();

  it('knows what may not be in an answer, in each store', async () => {
    await catalog.put('s', [{ itemId: 'a', available: false }, { itemId: 'b' }]);
    await catalog.put('t', [{ itemId: 'b', available: false }]);
    expect(await offSale('s', Date.now())).toEqual(['a']);
    expect(await catalog.remove('s', 'a')).toBe(true);
    expect(await catalog.remove('s', 'a')).toBe(false);
    expect(await offSale('s', Date.now())).toEqual([]);
    expect(await offSale('t', Date.now())).toEqual(['b']);
  });

  it('knows from when until when items are on sale', async () => {
    const now = Date.now();
    const at = (hours: number): number => now + hours * 3_600_000;
    const iso = (hours: number): string => new Date(at(hours)).toISOString();
    await catalog.put('s', [
      { itemId: 'soon', availableFrom: iso(1) },
      { itemId: 'short', availableFrom: iso(1), availableUntil: iso(2) },
      { itemId: 'ending', availableUntil: iso(1) },
      { itemId: 'over', availableFrom: iso(-2), availableUntil: iso(-1) },
      { itemId: 'since', availableFrom: iso(-48) },
    ]);
    expect(await offSale('s', now)).toEqual(['over', 'short', 'soon']);
    expect(await offSale('s', at(1) - 1)).toEqual(['over', 'short', 'soon']);
    expect(await offSale('s', at(1))).toEqual(['ending', 'over']);
    expect(await offSale('s', at(2))).toEqual(['ending', 'over', 'short']);
    await catalog.put('s', [{ itemId: 'over' }]);
    expect(await offSale('s', now)).toEqual(['short', 'soon']);
  });

  it('reads the whole catalogue, and then only what changed', async () => {
    const lamp = {
      itemId: 'a',
      title: 'Lamp',
      url: 'https://shop.example/a',
      imageUrl: 'https://shop.example/a.jpg',
      price: 9.5,
      currency: 'EUR',
      categories: ['Light'],
      available: false,
      availableFrom: '2026-01-31T08:00:00+01:00',
      availableUntil: '2036-01-31T07:00:00Z',
      attributes: { colour: 'blue', size: { cm: 40 } },
    };
    await catalog.put('s', [lamp, { itemId: 'b' }]);
    await catalog.put('t', [{ itemId: 'c' }]);
    // So long ago that no write that began before can still be under way.
    await database.dataSource.query(`update items set updated_at = now() - interval '1 hour' where item_id = 'a'`);
    const first = await catalog.catalogue('s');
    expect(first.item('a')).toMatchObject({
      ...lamp,
      availableFrom: Date.UTC(2026, 0, 31, 7),
      availableUntil: Date.UTC(2036, 0, 31, 7),
    });
    expect(first.item('b')).toMatchObject({ title: null, price: null, categories: [], availableFrom: null });
    expect(first.item('c')).toBeUndefined();
    expect(await catalog.catalogue('s', first)).toBe(first);

    await catalog.put('s', [{ itemId: 'b', price: 3 }, { itemId: 'd' }]);
    const second = await catalog.catalogue('s', first);
    expect(second.items.map(({ itemId, price }) => [itemId, price])).toEqual([
      ['a', 9.5],
      ['b', 3],
      ['d', null],
    ]);
    expect(second.items[0]).toBe(first.items[0]);
    expect([first.items.length, first.item('d'), first.item('b')?.price]).toEqual([2, undefined, null]);

    await catalog.remove('s', 'a');
    const third = await catalog.catalogue('s', second);
    expect(third.items.map(({ itemId }) => itemId).sort()).toEqual(['b', 'd']);
    await catalog.remove('s', 'b');
    await catalog.remove('s', 'd');
    expect((await catalog.catalogue('s', third)).items).toEqual([]);
  });

  it('imports a table, other columns becoming attributes, and the same again', async () => {
    const table = [
      'item_id category price available available_until colour',
      'a X|Y 9.5 false 2026-01-31T20:00:00+01:00 blue',
      'b     ',
      'c X free 1  ',
      '     ',
      '',
    ]
      .join('\n')
      .replaceAll(' ', '\t');
    const path = await file('items.tsv.gz', gzipSync(table));
    for (let round = 0; round < 2; round += 1) {
      const report = await importItems(catalog, { store: 's', path });
      expect(report).toMatchObject({ lines: 5, accepted: 2, rejected: 2 });
      expect(report.rejections.map(({ message }) => message)).toEqual([
        'line 4: price must not be negative; price must be a number',
        'line 5: itemId must not be empty',
      ]);
      expect(await items()).toEqual([
        {
          ...bare,
          item_id: 'a',
          categories: ['X', 'Y'],
          price: 9.5,
          available: false,
          available_until: new Date('2026-01-31T19:00:00Z'),
          attributes: { colour: 'blue' },
        },
        { ...bare, item_id: 'b', categories: [] },
      ]);
    }
  });

  it('imports NDJSON of more than a batch, with progress', async () => {
    const lines = Array.from({ length: 4_500 }, (_, index) =>
      JSON.stringify({ itemId: `i${index}`, title: `T${index}` }),
    );
    const seen: number[] = [];
    const report = await importItems(catalog, {
      store: 's',
      path: await file('items.ndjson', lines.join('\n')),
      onProgress: ({ items: count }) => seen.push(count),
    });
    expect(report).toMatchObject({ accepted: 4_500, rejected: 0 });
    expect(seen).toEqual([2_000, 4_000, 4_500]);
    expect(await database.dataSource.query('select count(*)::int as items from items')).toEqual([{ items: 4_500 }]);
  });

  it('refuses a file without items', async () => {
    await expect(importItems(catalog, { store: 's', path: await file('a.tsv', 'id\tb\n1\t2\n') })).rejects.toThrow(
      /the column item_id is missing/,
    );
    await expect(importItems(catalog, { store: 's', path: join(folder, 'none.tsv') })).rejects.toThrow(
      /There is no file/,
    );
  });
});
