/** What an item of the visitor's own session has, each 0 or 1: how long ago it was last there, and whether more than once. */
export const REPEAT_FEATURES = [
  'newest',
  'one step before',
  'two steps before',
  'three steps or more before',
  'seen again',
] as const;

const EARLIEST = 3;
const SEEN_AGAIN = 4;

/** The items of a session (oldest first), each once, with the places of {@link REPEAT_FEATURES} that are 1. */
export function repeatFeatures(session: ArrayLike<number>): Map<number, number[]> {
  const features = new Map<number, number[]>();
  for (let step = session.length - 1; step >= 0; step--) {
    const item = session[step] as number;
    const known = features.get(item);
    if (!known) features.set(item, [Math.min(session.length - 1 - step, EARLIEST)]);
    else if (known.length === 1) known.push(SEEN_AGAIN);
  }
  return features;
}

/** What the probability of each item of a session is multiplied with. */
export function repeatFactors(session: ArrayLike<number>, weights: readonly number[]): Map<number, number> {
  const factors = new Map<number, number>();
  for (const [item, places] of repeatFeatures(session))
    factors.set(item, Math.exp(places.reduce((sum, place) => sum + (weights[place] ?? 0), 0)));
  return factors;
}
