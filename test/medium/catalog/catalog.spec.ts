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
      `select item_id, title, url, image_url, price, currency, categories, available, attributes from items order by item_id`,
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
      { item_id, image_url, ...same },
      { ...bare, item_id: 'b', title: 'Later', categories: [] },
    ]);
    await catalog.put('s', [{ itemId: 'a' }]);
    expect((await items())[0]).toEqual({ ...bare, item_id: 'a', categories: [] });
  });

  it('knows what may not be in an answer, in each store', async () => {
    await catalog.put('s', [{ itemId: 'a', available: false }, { itemId: 'b' }]);
    await catalog.put('t', [{ itemId: 'b', available: false }]);
    expect(await catalog.unavailable('s')).toEqual(new Set(['a']));
    expect(await catalog.remove('s', 'a')).toBe(true);
    expect(await catalog.remove('s', 'a')).toBe(false);
    expect(await catalog.unavailable('s')).toEqual(new Set());
    expect(await catalog.unavailable('t')).toEqual(new Set(['b']));
  });

  it('imports a table, other columns becoming attributes, and the same again', async () => {
    const table =
      'item_id\tcategory\tprice\tavailable\tcolour\na\tX|Y\t9.5\tfalse\tblue\nb\t\t\t\t\nc\tX\tfree\t1\t\n\t\t\t\t\n';
    const path = await file('items.tsv.gz', gzipSync(table));
    for (let round = 0; round < 2; round += 1) {
      const report = await importItems(catalog, { store: 's', path });
      expect(report).toMatchObject({ lines: 5, accepted: 2, rejected: 2 });
      expect(report.rejections.map(({ message }) => message)).toEqual([
        'line 4: price must not be negative; price must be a number',
        'line 5: itemId must not be empty',
      ]);
      expect(await items()).toEqual([
        { ...bare, item_id: 'a', categories: ['X', 'Y'], price: 9.5, available: false, attributes: { colour: 'blue' } },
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
