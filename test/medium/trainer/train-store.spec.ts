import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CatalogStore } from '#catalog';
import { decodeBlend, neutralBlend } from '#blend';
import { alternate, buildDataset, splitByTime } from '#dataset';
import { predictionCases, Tally, type EvaluationReport } from '#evaluation';
import { EventIntake } from '#events';
import { NeighbourIndex } from '#neighbours';
import { BLEND_FILE, decodeVocabulary, ModelRegistry, NEIGHBOURS_FILE, VOCABULARY_FILE } from '#registry';
import { SessionStore } from '#sessions';
import { simulateShop } from '#simulator';
import {
  storedReport,
  trainStore,
  type TrainingPorts,
  type TrainingStage,
  type TrainStoreOptions,
  type TrainStoreResult,
} from '../../../apps/trainer/index.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let ports: TrainingPorts & { sessions: SessionStore; catalog: CatalogStore; registry: ModelRegistry };
let intake: EventIntake;

beforeAll(async () => {
  database = await createTestDatabase();
  const sessions = new SessionStore(database.dataSource, 30 * 60_000);
  ports = {
    sessions,
    catalog: new CatalogStore(database.dataSource),
    registry: new ModelRegistry(database.dataSource),
  };
  intake = new EventIntake(database.dataSource, sessions);
});
afterAll(() => database.drop());

const until = Date.UTC(2026, 0, 31);
const quick: TrainStoreOptions = {
  recipe: { dimensions: 48, epochs: 6, candidates: 'all', inputDropout: 0.1, readoutDropout: 0.1, learningRate: 0.012 },
};

/** Views of one visitor, a minute apart. */
const visit = (visitorId: string, minute: number, ...items: string[]): unknown[] =>
  items.map((itemId, step) => ({
    eventId: `${visitorId}-${minute}-${step}`,
    type: 'view',
    visitorId,
    itemId,
    occurredAt: new Date(until + (minute + step) * 60_000).toISOString(),
  }));

/** The stages of a run, each once, in their order. */
function listen(): { stages: Set<TrainingStage>; onProgress: (stage: TrainingStage) => void } {
  const stages = new Set<TrainingStage>();
  return { stages, onProgress: (stage) => stages.add(stage) };
}

/**
 * P@20, in percent, of the items that most often came next after the last one, on every second one of the newest sessions, by what
 * happened before all of these. A small shop holds a fifth of its sessions out.
 */
async function countingPrecision(store: string): Promise<{ precision: number; cases: number; trainingClicks: number }> {
  const { sessions } = await buildDataset(ports.sessions.streamForTraining(store));
  const { older, newest } = splitByTime(sessions, 0.2);
  const [, judging] = alternate(newest);
  const lists = ({ items, offsets, endedAt }: typeof older): Int32Array[] =>
    Array.from(endedAt, (_, session) => items.subarray(offsets[session], offsets[session + 1]));
  const followers = new Map<number, Map<number, number>>();
  for (const { prefix, target } of predictionCases(lists(older))) {
    const last = prefix.at(-1) ?? 0;
    const counts = followers.get(last) ?? new Map<number, number>();
    followers.set(last, counts.set(target, (counts.get(target) ?? 0) + 1));
  }
  const known = new Set(older.items);
  const tally = new Tally(20);
  for (const { prefix, target } of predictionCases(lists(judging), (item) => known.has(item))) {
    const counts = [...(followers.get(prefix.at(-1) ?? 0) ?? [])].sort(([, a], [, b]) => b - a);
    tally.add(
      counts.map(([item]) => item),
      target,
    );
  }
  const { precision, cases } = tally.metrics();
  return { precision: 100 * precision, cases, trainingClicks: older.items.length };
}

describe('a training run on the sessions of a shop', () => {
  const shop = simulateShop({ seed: 3, items: 800, views: 14_000, days: 14, until });
  const { stages, onProgress } = listen();
  let result: TrainStoreResult;
  let report: EvaluationReport;
  let page: string;

  beforeAll(async () => {
    await ports.catalog.put('shop', shop.items);
    const events = [...shop.events()];
    for (let start = 0; start < events.length; start += 5_000) {
      await intake.accept('shop', events.slice(start, start + 5_000));
    }
    result = await trainStore(ports, 'shop', { ...quick, onProgress });
    const stored = await storedReport(ports.registry, 'shop', result.version ?? '');
    if (!stored) throw new Error('no report was stored');
    ({ report, page } = stored);
  });

  test('goes through its stages and puts a model in service that says what it is', async () => {
    expect([...stages]).toEqual(['reading', 'validation', 'choosing', 'judging', 'training', 'saving']);
    expect(await ports.registry.inService('shop')).toBe(result.version);
    const { manifest, files } = await ports.registry.load('shop', result.version ?? '');
    const file = (name: string): Uint8Array => files.get(name) ?? new Uint8Array();
    expect(manifest.counts).toEqual(result.counts);
    expect(manifest.metrics).toEqual(result.metrics);
    expect(manifest.recipe).toMatchObject({ dimensions: 48, epochs: 6, minimumSupport: 1 });
    expect(manifest.recipe.neighbours).toEqual(NeighbourIndex.decode(file(NEIGHBOURS_FILE)).settings);
    expect(await decodeVocabulary(file(VOCABULARY_FILE))).toHaveLength(result.counts.items);
    expect(Date.parse(manifest.trainingWindow.until)).toBeLessThan(until);
    const { networkShare, items, repeats } = decodeBlend(file(BLEND_FILE));
    for (const weight of [networkShare - neutralBlend.networkShare, ...items, ...repeats]) expect(weight).not.toBe(0);
  });

  test('finds more than counting what follows what, on the same cases', async () => {
    const { precision, cases, trainingClicks } = await countingPrecision('shop');
    expect(report.data).toMatchObject({ cases, trainingClicks });
    expect(result.metrics.p20).toBeGreaterThan(precision);
  });

  test('stores a report with the figures of its metrics, beside the parts of the blend and the baselines', () => {
    expect(report).toMatchObject({ store: 'shop', cutoff: 20, data: { items: result.counts.items } });
    const [blend, ...others] = report.rankers;
    expect(blend?.name).toBe('blend');
    expect(result.metrics.p20).toBe(100 * (blend?.measures.precision?.value ?? NaN));
    expect(result.metrics.mrr20).toBe(100 * (blend?.measures.reciprocalRank?.value ?? NaN));
    expect(others.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['network', 'neighbours', 'markov', 'item-kNN', 'recently popular', 'popular']),
    );
    expect(JSON.parse(/<script type="application\/json" id="report">(.*)<\/script>/.exec(page)?.[1] ?? '')).toEqual(
      report,
    );
    for (const { measures } of report.rankers) expect(measures.diversity?.value).toBeGreaterThan(0);
    expect(report.curve.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(report.curve.at(-1)?.loss).toBeLessThan(report.curve[0]?.loss ?? NaN);
    for (const { validation } of report.curve) expect(validation?.precision).toBeGreaterThan(0);
  });

  test('its examples carry the titles of the catalogue', () => {
    const titles = new Map(shop.items.map(({ itemId, title }) => [itemId, title]));
    const shown = report.examples.flatMap(({ seen, target, recommended }) => [...seen, target, ...recommended]);
    expect(report.examples.length).toBeGreaterThan(3);
    expect(shown.map(({ title }) => title)).toEqual(shown.map(({ itemId }) => titles.get(itemId)));
  });
});

test('a store with too few sessions to judge by gets a model with the mixture alone, and no report', async () => {
  const visitors = Array.from({ length: 40 }, (_, i) => visit(`visitor-${i}`, 10 * i, 'a', 'b', 'c', 'a'));
  await intake.accept('small', visitors.flat());
  const { stages, onProgress } = listen();
  const { version, metrics } = await trainStore(ports, 'small', { recipe: { epochs: 1, dimensions: 4 }, onProgress });
  expect([...stages]).toEqual(['reading', 'training', 'saving']);
  expect(Object.keys(metrics)).toEqual(['loss', 'trainSeconds']);
  const { files } = await ports.registry.load('small', version ?? '');
  expect(decodeBlend(files.get(BLEND_FILE) ?? new Uint8Array())).toEqual(neutralBlend);
  await expect(ports.registry.report('small', version ?? '')).rejects.toMatchObject({ code: 'report_not_found' });
});

test('a store with few visits a day has another model judged by as many days as it takes', async () => {
  const day = 24 * 60;
  const visits = (first: number, days: number): unknown[] =>
    Array.from({ length: 5 * days }, (_, i) =>
      visit(`slow-${first}-${i}`, day * first + (day / 5) * i, 'a', 'b', 'c', 'a'),
    ).flat();
  const options: TrainStoreOptions = { recipe: { epochs: 1, dimensions: 4 } };
  await intake.accept('slow', visits(-20, 5));
  const { version } = await trainStore(ports, 'slow', options);
  await intake.accept('slow', visits(-10, 5));
  expect(await trainStore(ports, 'slow', options)).toMatchObject({ outcome: 'kept', gate: null });
  await intake.accept('slow', visits(-5, 4));
  const { gate } = await trainStore(ports, 'slow', options);
  expect(gate).toMatchObject({ champion: { version }, judged: { sessions: 17 } });
  expect(Date.parse(gate?.judged.from ?? '')).toBeGreaterThan(until - 9 * day * 60_000);
});

test('what a minimum support and a window leave out, the model does not know', async () => {
  await intake.accept('window', [
    ...visit('old', 0, 'a', 'b', 'a', 'b'),
    ...visit('one', 100, 'b', 'c', 'b', 'rare'),
    ...visit('two', 200, 'c', 'b', 'c'),
  ]);
  const { counts, version } = await trainStore(ports, 'window', {
    recipe: { epochs: 1, dimensions: 4 },
    from: until + 50 * 60_000,
    minimumSupport: 2,
  });
  expect(counts).toEqual({ sessions: 2, items: 2, clicks: 6 });
  const { files } = await ports.registry.load('window', version ?? '');
  expect((await decodeVocabulary(files.get(VOCABULARY_FILE) ?? new Uint8Array())).sort()).toEqual(['b', 'c']);
});

test.each([
  ['no events', [], /no session with two items or more/],
  ['one session', visit('v', 0, 'a', 'b', 'c'), /only one session with two items or more/],
  ['sessions of one item each', [...visit('v', 0, 'a'), ...visit('w', 0, 'b')], /no session with two items or more/],
  ['one item', [...visit('v', 0, 'a', 'a'), ...visit('w', 0, 'a', 'a')], /sessions with one item only/],
])('%s: a clear message, and no model', async (what, events, message) => {
  await intake.accept(what, events);
  await expect(trainStore(ports, what)).rejects.toThrow(message);
  expect(await ports.registry.list(what)).toEqual([]);
  expect(await ports.registry.inService(what)).toBeNull();
});

test.each<[string, TrainStoreOptions, RegExp]>([
  [
    'a loss that is no number',
    { recipe: { epochs: 3, learningRate: 1e38, temperature: 1e38 } },
    /no longer a finite number/,
  ],
  ['a recipe that cannot be', { recipe: { dimensions: 0 } }, /recipe: dimensions must be/],
  ['a wish to stop', { signal: AbortSignal.abort(new Error('stopped by a test')) }, /stopped by a test/],
])('%s leaves the model in service that was', async (what, options, message) => {
  await intake.accept(what, [...visit('v', 0, 'a', 'b', 'c'), ...visit('w', 0, 'b', 'c', 'a')]);
  const { version } = await trainStore(ports, what, { recipe: { epochs: 1, dimensions: 4 } });
  await expect(trainStore(ports, what, { ...options, promote: 'always' })).rejects.toThrow(message);
  expect((await ports.registry.list(what)).map((model) => model.version)).toEqual([version]);
  expect(await ports.registry.inService(what)).toBe(version);
});
