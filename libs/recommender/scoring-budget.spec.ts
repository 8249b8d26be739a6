import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { Configuration, TooLate } from '#platform';
import { ScoringBudget } from './scoring-budget.js';
import { Budgeted } from './strategies/budgeted.js';
import type { Candidate, Strategy, Wish } from './strategies/strategy.js';

const wish: Wish = {
  store: 'default',
  session: [],
  visitorId: null,
  count: 3,
  excluded: new Set(),
  unavailable: new Set(),
  selection: null,
};

const answering = (candidates: (wish: Wish) => Promise<readonly Candidate[]>): Strategy => ({
  source: 'network',
  candidates,
});

function budgetOf(scoringBudgetMs: number) {
  const registry = new Registry();
  const budget = new ScoringBudget(Object.assign(new Configuration(), { scoringBudgetMs }), registry);
  const exceeded = async (): Promise<number | undefined> => {
    const { values } = (await registry.getSingleMetric('nextpick_budget_exceeded_total')?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels.part === 'strategy')?.value;
  };
  return { budget, exceeded };
}

test('a strategy that answers in time is asked, one that does not offers nothing', async () => {
  const { budget, exceeded } = budgetOf(5);
  const found = [{ itemId: 'a', score: 1 }];
  const quick = new Budgeted(
    answering(() => Promise.resolve(found)),
    budget,
  );
  expect(await quick.candidates({ ...wish, deadline: performance.now() + 60_000 })).toBe(found);
  expect(await quick.candidates(wish)).toBe(found);
  expect(await exceeded()).toBe(0);

  const never = new Budgeted(
    answering(() => new Promise(() => undefined)),
    budget,
  );
  expect(await never.candidates({ ...wish, deadline: budget.deadline() })).toEqual([]);
  expect(await quick.candidates({ ...wish, deadline: performance.now() })).toEqual([]);
  const dropped = new Budgeted(
    answering(() => Promise.reject(new TooLate())),
    budget,
  );
  expect(await dropped.candidates({ ...wish, deadline: performance.now() + 60_000 })).toEqual([]);
  expect(await exceeded()).toBe(3);
});

test('a failure in time is told, a later one is nobody’s', async () => {
  const { budget } = budgetOf(5);
  const failing = new Budgeted(
    answering(() => Promise.reject(new Error('broken'))),
    budget,
  );
  await expect(failing.candidates({ ...wish, deadline: performance.now() + 60_000 })).rejects.toThrow('broken');

  let fail: (error: Error) => void = () => undefined;
  const late = new Budgeted(
    answering(
      () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    ),
    budget,
  );
  expect(await late.candidates({ ...wish, deadline: budget.deadline() })).toEqual([]);
  // Vitest fails the run for a rejection that nobody handles.
  fail(new Error('too late'));
});
