import type { EncodedSessions } from '#domain';

/** Where each item is in sessions. Item i is at `places[starts[i] .. starts[i + 1])`. */
interface Occurrences {
  /** [items + 2], by item index. */
  readonly starts: Int32Array;
  /** [clicks], places in `EncodedSessions.items`, rising within an item. */
  readonly places: Int32Array;
  /** [clicks], the session of each place in `EncodedSessions.items`. */
  readonly sessionOf: Int32Array;
}

/** 8 bytes a click. */
export function occurrences({ items, offsets, endedAt }: EncodedSessions, itemCount: number): Occurrences {
  const starts = new Int32Array(itemCount + 2);
  for (const item of items) starts[item + 1] = (starts[item + 1] as number) + 1;
  for (let item = 0; item <= itemCount; item++)
    starts[item + 1] = (starts[item + 1] as number) + (starts[item] as number);
  const next = starts.slice();
  const places = new Int32Array(items.length);
  for (const [place, item] of items.entries()) {
    places[next[item] as number] = place;
    next[item] = (next[item] as number) + 1;
  }
  const sessionOf = new Int32Array(items.length);
  for (let session = 0; session < endedAt.length; session++) {
    sessionOf.fill(session, offsets[session], offsets[session + 1]);
  }
  return { starts, places, sessionOf };
}
