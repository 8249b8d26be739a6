import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelFileEntity, ModelRegistry, ModelReportEntity, ModelVersionEntity, type ManifestDraft } from '#registry';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let registry: ModelRegistry;

beforeAll(async () => {
  database = await createTestDatabase();
  registry = new ModelRegistry(database.dataSource);
});
afterAll(() => database.drop());

const draft: ManifestDraft = {
  trainingWindow: { from: '2026-01-01T00:00:00.000Z', until: '2026-01-02T00:00:00.000Z' },
  counts: { sessions: 3, items: 2, clicks: 7 },
  maximumLength: 20,
  recipe: { dimensions: 8 },
  seed: 7,
  metrics: { loss: 1.25 },
};

/** Larger than two chunks, and different everywhere. */
function manyBytes(): Uint8Array {
  const bytes = new Uint8Array(2_500_000);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 2_654_435_761) >>> 24;
  return bytes;
}

const small = (content: string) => new Map([['model.onnx', Buffer.from(content)]]);

test('an artefact comes back byte for byte, in pieces of at most 1 MB', async () => {
  const files = new Map([
    ['model.onnx', manyBytes()],
    ['vocabulary.txt', Buffer.from('a\nb\n')],
    ['empty', new Uint8Array()],
  ]);
  const version = await registry.save('shoes', draft, files);
  const artefact = await registry.load('shoes', version);
  expect(artefact.manifest).toMatchObject({ ...draft, formatVersion: 1, version, store: 'shoes' });
  expect([...artefact.files.keys()].sort()).toEqual(['empty', 'model.onnx', 'vocabulary.txt']);
  for (const [name, bytes] of files) {
    expect(Buffer.compare(artefact.files.get(name) ?? Buffer.of(), bytes)).toBe(0);
  }
  const pieces = await database.dataSource.query<{ name: string; size: number }[]>(
    `select name, length(bytes) as size from model_files where version = $1 order by name, chunk`,
    [version],
  );
  expect(pieces.map(({ name, size }) => [name, size])).toEqual([
    ['model.onnx', 1_000_000],
    ['model.onnx', 1_000_000],
    ['model.onnx', 500_000],
    ['vocabulary.txt', 4],
  ]);
  expect(await registry.inService('shoes')).toBeNull();
});

test('promotions and rollbacks: a rollback goes back one, a second one another, then there is no more', async () => {
  const first = await registry.saveAndPromote('hats', draft, small('1'), 'trained');
  const second = await registry.saveAndPromote('hats', draft, small('2'), 'trained');
  const third = await registry.save('hats', draft, small('3'));
  expect([first, second, third]).toEqual([first, second, third].sort());
  await registry.promote('hats', third, 'by hand');
  await registry.promote('hats', third, 'again: nothing changes');
  expect(await registry.inService('hats')).toBe(third);
  expect(await registry.rollback('hats')).toBe(second);
  expect(await registry.rollback('hats')).toBe(first);
  await expect(registry.rollback('hats')).rejects.toMatchObject({ code: 'nothing_to_roll_back' });
  expect(await registry.inService('hats')).toBe(first);
  await registry.promote('hats', third, 'by hand');
  expect(await registry.rollback('hats')).toBe(first);
  const list = await registry.list('hats');
  expect(list.map(({ version, inService }) => [version, inService])).toEqual([
    [third, false],
    [second, false],
    [first, true],
  ]);
  expect((await registry.allInService()).get('hats')).toBe(first);
});

test('a store without a model has nothing to roll back', async () => {
  await expect(registry.rollback('empty')).rejects.toThrow(/no earlier model to go back to: none is in service/);
});

test('simultaneous promotions leave one line of history: rollbacks visit each version once', async () => {
  const versions = await Promise.all(
    ['1', '2', '3', '4'].map((content) => registry.save('rush', draft, small(content))),
  );
  await Promise.all(versions.map((version) => registry.promote('rush', version, 'rush')));
  const visited = [await registry.inService('rush')];
  for (let i = 1; i < versions.length; i++) visited.push(await registry.rollback('rush'));
  expect(visited.toSorted()).toEqual(versions.toSorted());
});

test('an unknown version, or one of another store, is not found', async () => {
  const version = await registry.save('gloves', draft, small('1'));
  for (const [store, name] of [
    ['scarves', version],
    ['gloves', "' or 1=1 --"],
  ] as const) {
    await expect(registry.load(store, name)).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(registry.show(store, name)).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(registry.promote(store, name, '')).rejects.toMatchObject({ code: 'model_not_found' });
  }
});

test.each([
  ['a flipped bit', 'update model_files set bytes = set_bit(bytes, 11, 1 - get_bit(bytes, 11)) where version = $1'],
  ['a lost chunk', 'delete from model_files where version = $1'],
])('%s is found at load and at promotion, which then changes nothing', async (_, damage) => {
  const good = await registry.saveAndPromote('boots', draft, small('good'), 'trained');
  const bad = await registry.save('boots', draft, small('bad'));
  await database.dataSource.query(damage, [bad]);
  await expect(registry.load('boots', bad)).rejects.toMatchObject({ code: 'artefact_corrupt' });
  await expect(registry.promote('boots', bad, '')).rejects.toThrow(/model\.onnx/);
  expect(await registry.inService('boots')).toBe(good);
});

test('a save that fails at its last step, the promotion, leaves nothing behind', async () => {
  const promise = registry.saveAndPromote('socks', draft, small('1'), 'Postgres takes no NUL: \0', reportOf('never'));
  await expect(promise).rejects.toThrow();
  for (const entity of [ModelVersionEntity, ModelFileEntity, ModelReportEntity]) {
    expect(await database.dataSource.getRepository(entity).countBy({ store: 'socks' })).toBe(0);
  }
  expect(await registry.inService('socks')).toBeNull();
});

const reportOf = (title: string) => ({
  report: { title, figures: [{ value: 0.5412345678901234 }, null], text: '</script> \u2028 "quoted" ärmel' },
  page: `<!doctype html><title>${title} 商品</title>`,
});

test('a report comes back as it was stored, with the model or after it, and a new one takes its place', async () => {
  const withModel = await registry.save('coats', draft, small('1'), reportOf('first'));
  const promoted = await registry.saveAndPromote('coats', draft, small('2'), 'trained', reportOf('second'));
  const later = await registry.save('coats', draft, small('3'));
  await registry.saveReport('coats', later, reportOf('third'));
  for (const [version, title] of [
    [withModel, 'first'],
    [promoted, 'second'],
    [later, 'third'],
  ] as const) {
    expect(await registry.report('coats', version)).toMatchObject(reportOf(title));
  }
  await registry.saveReport('coats', promoted, reportOf('newer'));
  expect(await registry.report('coats', promoted)).toMatchObject(reportOf('newer'));
  expect(await registry.report('coats', withModel)).toMatchObject(reportOf('first'));
  expect(await registry.inService('coats')).toBe(promoted);
});

test('a model without a report says how to make one; without the model there is no report', async () => {
  const version = await registry.save('belts', draft, small('1'));
  await expect(registry.report('belts', version)).rejects.toMatchObject({
    kind: 'notFound',
    code: 'report_not_found',
    message: expect.stringContaining('nextpick -- evaluate') as string,
  });
  for (const [store, name] of [
    ['ties', version],
    ['belts', 'none'],
  ] as const) {
    await expect(registry.report(store, name)).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(registry.saveReport(store, name, reportOf('x'))).rejects.toMatchObject({ code: 'model_not_found' });
  }
});

test('a report goes with its model', async () => {
  const version = await registry.save('gowns', draft, small('1'), reportOf('gone'));
  await database.dataSource.getRepository(ModelVersionEntity).delete({ store: 'gowns', version });
  expect(await database.dataSource.getRepository(ModelReportEntity).countBy({ store: 'gowns' })).toBe(0);
});
