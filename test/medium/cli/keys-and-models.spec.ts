import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiKeys } from '#access';
import { ModelRegistry } from '#registry';
import { registerKeys } from '../../../apps/cli/keys.js';
import { registerModels } from '../../../apps/cli/models.js';
import { runCommandLine } from '../../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { trainRingModel } from '../../support/tiny-model.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
const nextpick = (...words: string[]): Promise<string> =>
  runCommandLine(database.dataSource, [registerKeys, registerModels], words);

test('a key is made, works, is listed without its secret part, and is revoked', async () => {
  const keys = new ApiKeys(database.dataSource);
  expect(await nextpick('keys', 'list', '--store', 'shoes')).toMatch(/no keys.*keys create/);
  const made = await nextpick('keys', 'create', '--kind', 'public', '--label', 'storefront', '--store', 'shoes');
  const [key = ''] = made.split('\n');
  expect(await keys.authenticate(key)).toEqual({ store: 'shoes', kind: 'public' });
  const list = await nextpick('keys', 'list', '--store', 'shoes');
  expect(list).toMatch(/public +npk_public_\S{6}\.\.\. .* storefront/);
  expect(list).not.toContain(key);
  const id = list.split('\n')[1]?.split(' ')[0] ?? '';
  expect(made).toContain(`keys revoke ${id}`);
  await nextpick('keys', 'revoke', id, '--store', 'shoes');
  expect(await new ApiKeys(database.dataSource).authenticate(key)).toBeNull();
  expect(JSON.parse(await nextpick('keys', 'list', '--store', 'shoes', '--json'))).toMatchObject({
    store: 'shoes',
    keys: [{ id, kind: 'public', label: 'storefront', revokedAt: expect.stringMatching(/^\d{4}-/) as string }],
  });
});

test.each([
  [['keys', 'create'], /--kind/],
  [['keys', 'create', '--kind', 'admin'], /public, secret/],
  [['keys', 'revoke', 'nonsense'], /no key in use with the id nonsense.*keys list/],
  [['models', 'show', 'none'], /no model version none.*models list/],
  [['models', 'promote', 'none'], /no model version none/],
  [['models', 'rollback'], /no earlier model/],
])('%s says what is wrong', async (words, message) => {
  await expect(nextpick(...words)).rejects.toThrow(message);
});

test('models are listed, shown, promoted and rolled back; a damaged one is not promoted', async () => {
  const registry = new ModelRegistry(database.dataSource);
  expect(await nextpick('models', 'list')).toMatch(/no models.*train/);
  const { draft, files } = await trainRingModel();
  const first = await registry.saveAndPromote('default', { ...draft, metrics: { loss: 1.23456 } }, files, 'test');
  const second = await registry.save('default', draft, files);
  expect(await nextpick('models', 'promote', second)).toContain(`Model ${second} is in service`);
  expect(await nextpick('models', 'list')).toMatch(
    new RegExp(`${second} +yes +200 +12\\n${first} +- +200 +12 +loss 1\\.235`),
  );
  expect(JSON.parse(await nextpick('models', 'show', first))).toMatchObject({ version: first, counts: draft.counts });
  expect(JSON.parse(await nextpick('models', 'rollback', '--json'))).toEqual({ store: 'default', inService: first });
  const broken = await registry.save('default', draft, new Map([...files, ['model.onnx', Buffer.from('no')]]));
  await expect(nextpick('models', 'promote', broken)).rejects.toThrow(/cannot be used/);
  expect(await registry.inService('default')).toBe(first);
});
