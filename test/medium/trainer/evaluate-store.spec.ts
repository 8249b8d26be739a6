import { afterAll, beforeAll, expect, test } from 'vitest';
import { predictionCases, Tally, type EvaluationReport } from '#evaluation';
import { ServingModel } from '#recommender';
import { evaluateStore, type EvaluateStoreOptions, type EvaluateStoreResult } from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { LEARNT_UNTIL, RingShop, type Visit } from '../../support/ring-shop.js';
import { sampleReport } from '../../support/sample-report.js';

let database: TestDatabase;
let shop: RingShop;

beforeAll(async () => {
  database = await createTestDatabase();
  shop = await RingShop.open(database.dataSource);
});
afterAll(() => database.drop());

const evaluate = (store: string, options?: EvaluateStoreOptions): Promise<EvaluateStoreResult> =>
  evaluateStore(shop, store, options);

/** Visits as a file's sessions. */
const other = (visits: readonly Visit[], name = 'visits.tsv') => ({
  name,
  read: () =>
    Promise.resolve(
      visits.map(({ minute, itemIds }) => ({ itemIds, endedAt: LEARNT_UNTIL + minute * 60_000 + 59_000 })),
    ),
});

/** P@20 and MRR@20 of what the model answers in service, asked question by question. */
async function inService(store: string, visits: readonly Visit[]) {
  const version = await shop.registry.inService(store);
  const model = await ServingModel.load(await shop.registry.load(store, version ?? ''));
  try {
    const tally = new Tally(20);
    for (const { prefix, target } of predictionCases(visits.map(({ itemIds }) => model.encode(itemIds)))) {
      const answer = await model.rank({ items: prefix, excluded: [], alwaysExcluded: new BigInt64Array(), count: 20 });
      tally.add(answer.ids, target);
    }
    return tally.metrics();
  } finally {
    await model.retire();
  }
}

test('judges the model in service on the newer sessions, as it serves, and stores the report with the old curve', async () => {
  const before = sampleReport();
  const version = await shop.fill('shop', before);
  await shop.catalog.put(
    'shop',
    shop.model.itemIds.map((itemId, i) => ({ itemId, title: `Title of ${itemId}`, categories: [`c${i % 3}`] })),
  );
  const visits = shop.newVisits(30).map((visit, i) => {
    const [first = '', ...rest] = visit.itemIds;
    return i % 10 === 0 ? { ...visit, itemIds: [first, 'new-item', ...rest] } : visit;
  });
  await shop.visit('shop', [...visits, { minute: 500, itemIds: ['new-item', 'ring-1'] }]);
  const stages: string[] = [];
  const result = await evaluate('shop', {
    onProgress: (stage, progress) => stages.push(`${stage} ${progress?.done ?? ''}`),
  });
  expect(result).toMatchObject({ version, tooFewCases: null });
  expect([...new Set(stages)]).toEqual(['reading ', 'judging ', ...[64, 120].map((done) => `judging ${done / 120}`)]);

  const { report } = result;
  expect(report.data).toEqual({
    trainingSessions: 200,
    trainingClicks: 1_000,
    items: 40,
    sessions: 30,
    cases: 120,
    from: new Date(LEARNT_UNTIL + 60_000 + 5_000).toISOString(),
    until: new Date(LEARNT_UNTIL + 30 * 60_000 + 4_000).toISOString(),
  });
  expect(report.subject).toContain(`Model ${version} predicted`);
  expect(report.subject).toContain('Left out are 4 of the 155 clicks');
  expect(report.subject).not.toContain('looks better');
  expect(report.curve).toEqual(before.curve);
  expect(report.rankers.map(({ name }) => name)).toEqual([
    'blend',
    'neighbours',
    'markov',
    'item-kNN',
    'recently popular',
    'popular',
  ]);
  const { precision, meanReciprocalRank } = await inService('shop', visits);
  const [blend, neighbours, markov, , , popular] = report.rankers.map(({ measures }) => measures);
  expect(blend?.precision?.value).toBeCloseTo(precision, 10);
  expect(blend?.reciprocalRank?.value).toBeCloseTo(meanReciprocalRank, 10);
  for (const knows of [blend, neighbours, markov]) {
    expect(knows?.reciprocalRank?.value).toBeGreaterThan(2 * (popular?.reciprocalRank?.value ?? 1));
  }
  expect(blend?.diversity?.value).toBeGreaterThan(0.5);
  expect(report.examples[0]?.target.title).toBe(`Title of ${report.examples[0]?.target.itemId ?? ''}`);
  const stored = await shop.registry.report('shop', version);
  expect(stored.report).toEqual(report);
  expect(stored.page).toBe(result.page);
  expect(result.page).toContain(report.subject);
});

test('too few newer sessions: the report stored before, as it was; without one, what to do', async () => {
  const before: EvaluationReport = sampleReport();
  const version = await shop.fill('quiet', before);
  await shop.visit('quiet', shop.newVisits(12));
  const result = await evaluate('quiet');
  expect(result).toMatchObject({ version, tooFewCases: 48, report: before });
  expect(result.page).toBe((await shop.registry.report('quiet', version)).page);

  const without = await shop.registry.save('quiet', shop.model.draft, shop.model.files);
  await expect(evaluate('quiet', { version: without })).rejects.toMatchObject({
    code: 'too_little_to_evaluate',
    message: expect.stringMatching(
      /has 48 predictions .* after 2026-01-02.*; 50 are the least.*evaluate --file/,
    ) as string,
  });
  await shop.visit('quiet', [{ minute: 90, itemIds: shop.walk(0, 3) }]);
  expect(await evaluate('quiet', { version: without })).toMatchObject({ version: without, tooFewCases: null });
  expect((await shop.registry.report('quiet', version)).report).toEqual(before);
});

test('other sessions are judged however few; those of the time that the model learnt from are pointed out', async () => {
  const version = await shop.fill('others');
  const { report } = await evaluate('others', { other: other(shop.newVisits(3)) });
  expect(report.data).toMatchObject({ trainingSessions: 200, sessions: 3, cases: 12 });
  expect(report.subject).toContain('of the sessions in visits.tsv, scored as in service');
  expect(report.curve).toEqual([]);
  expect((await shop.registry.report('others', version)).report).toEqual(report);

  const learnt = [{ minute: -1_400, itemIds: shop.walk(0, 5) }, ...shop.newVisits(1)];
  const flattered = await evaluate('others', { other: other(learnt) });
  expect(flattered.report.subject).toContain('1 of the 2 sessions are from the time that it learnt from');
  await expect(
    evaluate('others', { other: other([{ minute: 1, itemIds: ['x', 'ring-1', 'y'] }], 'foreign.tsv') }),
  ).rejects.toMatchObject({
    code: 'nothing_to_evaluate',
    message: expect.stringMatching(/^foreign\.tsv has no session .*those of 2 of the 3 clicks/) as string,
  });
});

test('what cannot be evaluated is said, and leaves the stored report', async () => {
  await expect(evaluate('nobody')).rejects.toMatchObject({ code: 'no_model' });
  await expect(evaluate('nobody', { version: 'v1' })).rejects.toMatchObject({ code: 'model_not_found' });

  const before = sampleReport();
  const version = await shop.fill('kept', before);
  const visits = other(shop.newVisits(30));
  const stopping = new AbortController();
  const reason = new Error('stopped by a test');
  await expect(
    evaluate('kept', {
      other: visits,
      signal: stopping.signal,
      onProgress: (stage, progress) => {
        if (stage === 'judging' && progress) stopping.abort(reason);
      },
    }),
  ).rejects.toBe(reason);
  const broken = await shop.registry.save(
    'kept',
    shop.model.draft,
    new Map([...shop.model.files, ['blend.json', Buffer.from('no')]]),
  );
  await expect(evaluate('kept', { version: broken, other: visits })).rejects.toMatchObject({
    code: 'model_unusable',
    message: expect.stringMatching(/another version/) as string,
  });
  await database.dataSource.query(`delete from sessions where store = 'kept'`);
  await expect(evaluate('kept', { other: visits })).rejects.toMatchObject({ code: 'training_sessions_gone' });
  expect((await shop.registry.report('kept', version)).report).toEqual(before);
});
