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
  expect(await keys.authenticate(key)).toMatchObject({ store: 'shoes', kind: 'public' });
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

test('all settings of a key are given, listed and passed on by a rotation', async () => {
  const keys = new ApiKeys(database.dataSource);
  const settings = ['--rate', '100', '--burst', '150', '--client-rate', '2.5', '--expires', '90d', '--label', 'web'];
  const origins = ['--origin', 'https://shop.example', '--origin', 'http://localhost:5173'];
  const { id, key } = JSON.parse(
    await nextpick('keys', 'create', '--kind', 'public', '--store', 'bags', '--json', ...settings, ...origins),
  ) as { id: string; key: string };
  const expected = {
    origins: ['https://shop.example', 'http://localhost:5173'],
    limit: { perSecond: 100, burst: 150 },
    clientLimit: { perSecond: 2.5, burst: 5 },
  };
  const [before] = await keys.list('bags');
  expect(before).toMatchObject({ id, ...expected });
  expect((before?.expiresAt?.getTime() ?? 0) - (before?.createdAt.getTime() ?? 0)).toBe(90 * 86_400_000);
  const rotated = await nextpick('keys', 'rotate', id, '--overlap', '12h', '--store', 'bags');
  const [newKey = '', hint] = rotated.split('\n');
  expect(await keys.authenticate(newKey)).toMatchObject(expected);
  const [old, made] = await keys.list('bags');
  expect((old?.expiresAt?.getTime() ?? 0) - (made?.createdAt.getTime() ?? 0)).toBe(12 * 3_600_000);
  expect(hint).toContain(`works until ${old?.expiresAt?.toISOString() ?? '?'}`);
  await database.dataSource.query(`update api_keys set last_used_at = '2026-02-03T04:05:06Z' where id = $1`, [id]);
  const list = await nextpick('keys', 'list', '--store', 'bags');
  expect(list.split('\n')[1]).toMatch(
    new RegExp(
      `^${id} .* 2026-02-03T04:05:06\\.000Z .* ${made?.id ?? '?'} +100/s, 150 at once +2\\.5/s, 5 at once +` +
        'https://shop\\.example http://localhost:5173 +web$',
    ),
  );
  expect(list).not.toContain(key);
  expect(list).not.toContain(newKey);
});

test('a public key can be made without limits', async () => {
  await nextpick('keys', 'create', '--kind', 'public', '--rate', 'none', '--client-rate', 'none', '--store', 'fast');
  expect(await new ApiKeys(database.dataSource).list('fast')).toMatchObject([{ limit: null, clientLimit: null }]);
});

test.each([
  [['keys', 'create', '--kind', 'public', '--rate', 'fast'], /--rate must be a number above 0, or none, not "fast"/],
  [['keys', 'create', '--kind', 'public', '--client-rate', '0'], /--client-rate must be a number above 0/],
  [['keys', 'create', '--kind', 'public', '--burst', '5'], /--burst goes with a number for --rate/],
  [
    ['keys', 'create', '--kind', 'public', '--client-rate', 'none', '--client-burst', '5'],
    /--client-burst goes with a number for --client-rate/,
  ],
  [['keys', 'create', '--kind', 'public', '--origin', 'shop.example'], /such as https:\/\/shop\.example/],
  [['keys', 'create', '--kind', 'public', '--expires', '90'], /--expires must be .* such as 30m or 7d/],
  [['keys', 'rotate', 'nonsense'], /no key in use with the id nonsense.*keys list/],
  [['keys', 'rotate', 'nonsense', '--overlap', 'long'], /--overlap must be/],
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
    new RegExp(
      `${second} +in service +\\S+Z \\(promoted on the command line\\) +200 +12\\n` +
        `${first} +rollback returns to it +\\S+Z \\(test\\) +200 +12 +loss 1\\.235`,
    ),
  );
  expect(JSON.parse(await nextpick('models', 'show', first))).toMatchObject({ version: first, counts: draft.counts });
  expect(JSON.parse(await nextpick('models', 'rollback', '--json'))).toEqual({ store: 'default', inService: first });
  const broken = await registry.save('default', draft, new Map([...files, ['model.onnx', Buffer.from('no')]]));
  await expect(nextpick('models', 'promote', broken)).rejects.toThrow(/cannot be used/);
  expect(await registry.inService('default')).toBe(first);
});
