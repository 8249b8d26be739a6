import { Random } from '#domain';
import { expect, test } from 'vitest';
import { buildDataset, encodeSessions, type Dataset, type SessionItems } from './dataset.js';

async function* inBatches(sessions: readonly SessionItems[], size: number): AsyncGenerator<SessionItems[]> {
  for (let start = 0; start < sessions.length; start += size)
    yield Promise.resolve(sessions.slice(start, start + size));
}

const session = (endedAt: number, ...itemIds: string[]): SessionItems => ({ itemIds, endedAt });

/** The sessions with their item ids again. */
function decode({ sessions: { items, offsets, endedAt }, vocabulary }: Dataset): SessionItems[] {
  return Array.from(endedAt, (end, index) =>
    session(
      end,
      ...Array.from(items.slice(offsets[index], offsets[index + 1]), (i) => vocabulary.itemIds[i - 1] ?? '?'),
    ),
  );
}

test('keeps sessions of two items and more, repeated items included, and numbers items from 1', async () => {
  const dataset = await buildDataset(
    inBatches([session(1, 'a', 'b', 'a'), session(2, 'c'), session(3), session(4, 'd', 'b')], 2),
  );
  expect([...dataset.sessions.items]).toEqual([1, 2, 1, 3, 2]);
  expect([...dataset.sessions.offsets]).toEqual([0, 3, 5]);
  expect([...dataset.sessions.endedAt]).toEqual([1, 4]);
  expect(dataset.vocabulary.itemIds).toEqual(['a', 'b', 'd']);
  expect([...dataset.vocabulary.support]).toEqual([2, 2, 1]);
  expect(dataset.vocabulary.indexOf('d')).toBe(3);
  expect(dataset.vocabulary.indexOf('c')).toBe(0);
});

test('drops rare items first, and the sessions that this leaves too short', async () => {
  const dataset = await buildDataset(
    inBatches([session(1, 'a', 'rare', 'b'), session(2, 'a', 'rarer'), session(3, 'b', 'a'), session(4, 'rare')], 10),
    { minimumSupport: 3 },
  );
  expect(decode(dataset)).toEqual([]);
  const looser = await buildDataset(
    inBatches([session(1, 'a', 'rare', 'b'), session(2, 'a', 'rarer'), session(3, 'b', 'a'), session(4, 'rare')], 10),
    { minimumSupport: 2 },
  );
  expect(decode(looser)).toEqual([session(1, 'a', 'rare', 'b'), session(3, 'b', 'a')]);
  expect(looser.vocabulary.itemIds).toEqual(['a', 'rare', 'b']);
});

test('no sessions make an empty data set', async () => {
  const dataset = await buildDataset(inBatches([], 10));
  expect(dataset.sessions.endedAt).toHaveLength(0);
  expect([...dataset.sessions.offsets]).toEqual([0]);
  expect(dataset.vocabulary.itemIds).toEqual([]);
});

test('encodes sessions in the numbers of a model, without what it does not know and what that leaves too short', async () => {
  const indexes = new Map([
    ['a', 7],
    ['b', 2],
  ]);
  const batches = [
    session(1, 'a', 'new', 'b', 'a'),
    session(2, 'b', 'newer'),
    session(3),
    session(4, 'new'),
    session(5, 'b', 'b'),
  ];
  for (const size of [1, 2, 5]) {
    const { sessions, steps, unknownSteps } = await encodeSessions(inBatches(batches, size), (id) => indexes.get(id));
    expect([...sessions.items]).toEqual([7, 2, 7, 2, 2]);
    expect([...sessions.offsets]).toEqual([0, 3, 5]);
    expect([...sessions.endedAt]).toEqual([1, 5]);
    expect({ steps, unknownSteps }).toEqual({ steps: 9, unknownSteps: 3 });
  }
});

test('gives what a plain list of lists gives, whatever the batches and the support', async () => {
  const random = new Random(7);
  for (let round = 0; round < 30; round++) {
    const sessions = Array.from({ length: random.integer(400) }, (_, index) =>
      session(index, ...Array.from({ length: random.integer(9) }, () => `item-${random.integer(60) ** 2 % 61}`)),
    );
    const minimumSupport = 1 + random.integer(25);
    const support = new Map<string, number>();
    for (const itemId of sessions.flatMap(({ itemIds }) => itemIds))
      support.set(itemId, (support.get(itemId) ?? 0) + 1);
    const expected = sessions
      .map(({ itemIds, endedAt }) =>
        session(endedAt, ...itemIds.filter((id) => (support.get(id) ?? 0) >= minimumSupport)),
      )
      .filter(({ itemIds }) => itemIds.length >= 2);
    const dataset = await buildDataset(inBatches(sessions, 1 + random.integer(100)), { minimumSupport });
    expect(decode(dataset)).toEqual(expected);
    const steps = expected.flatMap(({ itemIds }) => itemIds);
    expect(new Set(dataset.vocabulary.itemIds)).toEqual(new Set(steps));
    expect(dataset.vocabulary.itemIds).toHaveLength(new Set(steps).size);
    expect([...dataset.vocabulary.support]).toEqual(
      dataset.vocabulary.itemIds.map((id) => steps.filter((step) => step === id).length),
    );
  }
});
