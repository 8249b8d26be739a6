import { Random, type EncodedSessions } from '#domain';

/** Sessions from lists of item indexes; session s ends at s milliseconds unless told otherwise. */
export function encodeSessions(
  lists: readonly (readonly number[])[],
  endedAt: readonly number[] = lists.map((_, session) => session),
): EncodedSessions {
  const offsets = new Int32Array(lists.length + 1);
  for (const [session, list] of lists.entries()) offsets[session + 1] = (offsets[session] ?? 0) + list.length;
  return { items: Int32Array.from(lists.flat()), offsets, endedAt: Float64Array.from(endedAt) };
}

/** Lists of 1 to `longest` item indexes, some of them much more often than others, so that there are repeats and ties. */
export function randomLists(count: number, itemCount: number, longest: number, seed: number): number[][] {
  const random = new Random(seed);
  const item = (): number => 1 + Math.floor(random.uniform() ** 2 * itemCount);
  return Array.from({ length: count }, () => Array.from({ length: 1 + random.integer(longest) }, item));
}
