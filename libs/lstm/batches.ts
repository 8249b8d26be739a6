import type { EncodedSessions, Random } from '#domain';

/** Sessions that are trained together: of about the same length, padded to `steps`. */
export interface Batch {
  readonly steps: number;
  /** Rows of the batch, some of which may stay empty. */
  readonly size: number;
  /** Where each session (or piece of one) begins in `EncodedSessions.items`. */
  readonly starts: Int32Array;
  /** Targets of each session: one less than its items. */
  readonly lengths: Int32Array;
  readonly targetCount: number;
}

/** The numbers of steps that there is a training graph for: exact while short, then ever coarser. */
export function stepBuckets(maximumLength: number): number[] {
  const buckets: number[] = [];
  for (let steps = 1; steps < maximumLength; steps = Math.max(steps + 1, Math.round(steps * 1.3))) buckets.push(steps);
  return [...buckets, maximumLength];
}

/**
 * Cuts sessions into batches of about `targetsPerBatch` targets, by length, in random order. A session of more than
 * `maximumLength` targets is cut into pieces that share one item, so that no target is lost.
 * Sessions of one item have no target and are left out.
 */
export class Batcher {
  readonly targetCount: number;
  /** The largest steps x size of any batch. */
  readonly mostElements: number;
  private readonly buckets: readonly { steps: number; starts: Int32Array; lengths: Int32Array }[];

  constructor(
    sessions: EncodedSessions,
    maximumLength: number,
    private readonly targetsPerBatch: number,
  ) {
    const steps = stepBuckets(maximumLength);
    const bucketOf = (length: number): number => steps.findIndex((bucketSteps) => bucketSteps >= length);
    const sizes = new Int32Array(steps.length);
    let targetCount = 0;
    forEachPiece(sessions, maximumLength, (_, length) => {
      const bucket = bucketOf(length);
      sizes[bucket] = (sizes[bucket] as number) + 1;
      targetCount += length;
    });
    this.targetCount = targetCount;
    const pieces = steps.map((bucketSteps, bucket) => {
      const size = sizes[bucket] as number;
      return { steps: bucketSteps, starts: new Int32Array(size), lengths: new Int32Array(size), filled: 0 };
    });
    forEachPiece(sessions, maximumLength, (start, length) => {
      const bucket = pieces[bucketOf(length)];
      if (!bucket) return;
      bucket.starts[bucket.filled] = start;
      bucket.lengths[bucket.filled++] = length;
    });
    this.buckets = pieces.filter(({ filled }) => filled > 0);
    this.mostElements = Math.max(0, ...this.buckets.map((bucket) => bucket.steps * this.sizeOf(bucket)));
  }

  /** Sessions side by side in the batches of a bucket. */
  private sizeOf({ steps, starts }: { steps: number; starts: Int32Array }): number {
    return Math.min(starts.length, Math.max(1, Math.round(this.targetsPerBatch / steps)));
  }

  /** The batches of one epoch. */
  epoch(random: Random): Batch[] {
    const batches: Batch[] = [];
    for (const bucket of this.buckets) {
      const { steps, starts, lengths } = bucket;
      // Not `from` with a function, which makes a list of them first: some 40 bytes each.
      const order = starts.map((_, i) => i);
      random.shuffle(order);
      const size = this.sizeOf(bucket);
      for (let from = 0; from < order.length; from += size) {
        const members = order.subarray(from, from + size);
        const memberLengths = members.map((i) => lengths[i] as number);
        batches.push({
          steps,
          size,
          starts: members.map((i) => starts[i] as number),
          lengths: memberLengths,
          targetCount: memberLengths.reduce((sum, length) => sum + length, 0),
        });
      }
    }
    random.shuffle(batches);
    return batches;
  }
}

/** Items, targets and the targets' weights of a batch, [steps x size] each, step by step, 0 where padded. */
export function layOut(
  batch: Batch,
  sessions: EncodedSessions,
): Record<'items' | 'targets', Int32Array> & { targetWeights: Float32Array } {
  const length = batch.steps * batch.size;
  const [items, targets, targetWeights] = [new Int32Array(length), new Int32Array(length), new Float32Array(length)];
  for (let row = 0; row < batch.starts.length; row++) {
    const start = batch.starts[row] as number;
    for (let t = 0; t < (batch.lengths[row] as number); t++) {
      const place = t * batch.size + row;
      items[place] = sessions.items[start + t] as number;
      targets[place] = sessions.items[start + t + 1] as number;
      targetWeights[place] = 1 / batch.targetCount;
    }
  }
  return { items, targets, targetWeights };
}

/** Visits the sessions' pieces of at most `maximumLength` targets, in order; see {@link Batcher}. */
function forEachPiece(
  { offsets }: EncodedSessions,
  maximumLength: number,
  visit: (start: number, length: number) => void,
): void {
  for (let s = 0; s + 1 < offsets.length; s++) {
    const end = offsets[s + 1] as number;
    for (let start = offsets[s] as number; start + 1 < end; start += maximumLength)
      visit(start, Math.min(maximumLength, end - start - 1));
  }
}
