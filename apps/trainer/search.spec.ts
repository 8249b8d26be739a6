import { beforeAll, describe, expect, it } from 'vitest';
import { Random, type EncodedSessions } from '#domain';
import { encodeSessions } from '../../test/support/encoded-sessions.js';
import { holdOut, type HeldOut } from './held-out.js';
import type { NetworkOptions } from './network.js';
import { planRun, type RunPlan } from './search.js';

const ITEMS = 60;
const quick: NetworkOptions = { seed: 1, threads: 1, recipe: { dimensions: 16, epochs: 4, candidates: 'all' } };

/** Walks round a ring of items, a step forward four times in five. */
function walks(count: number): EncodedSessions {
  const random = new Random(5);
  return encodeSessions(
    Array.from({ length: count }, () => {
      let item = random.integer(ITEMS);
      return Array.from({ length: 5 }, () => {
        item = random.uniform() < 0.8 ? (item + 1) % ITEMS : random.integer(ITEMS);
        return item + 1;
      });
    }),
  );
}

describe('planRun', () => {
  let heldOut: HeldOut;
  beforeAll(() => {
    const held = holdOut(walks(1_500));
    if (!held) throw new Error('too few sessions to hold any out');
    heldOut = held;
  });

  const plan = (seconds: number, options: NetworkOptions): Promise<RunPlan> =>
    planRun(heldOut, ITEMS, { start: performance.now() / 1000, seconds }, options);

  it('finds a better recipe where there is time, and leaves the rest of it alone', async () => {
    const notes = new Set<string>();
    const { recipe, share } = await plan(600, {
      ...quick,
      recipe: { ...quick.recipe, learningRate: 0.0003 },
      onProgress: (stage, progress) => {
        expect(stage).toBe('searching');
        if (progress) notes.add(progress.note);
      },
    });
    expect(share).toBe(1);
    expect(recipe).toMatchObject({ dimensions: expect.any(Number) as number, candidates: 'all' });
    // Four epochs at so low a rate learn next to nothing: faster or longer are both better.
    expect((recipe.learningRate ?? 0) * (recipe.epochs ?? 0)).toBeGreaterThan(0.0003 * 4);
    expect(notes.size).toBeGreaterThan(8);
    expect([...notes].some((note) => note.includes('the recipe as it is'))).toBe(true);
  });

  it('trains for fewer epochs, then on the newest sessions only, where two trainings do not fit', async () => {
    const { recipe, share } = await plan(0.02, { ...quick, recipe: { ...quick.recipe, epochs: 40 } });
    expect(recipe).toEqual({ dimensions: 16, candidates: 'all', epochs: 3 });
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });

  it('stops when it is told to', async () => {
    await expect(plan(600, { ...quick, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
