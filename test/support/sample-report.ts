import type { EvaluationReport } from '#evaluation';

/** Titles as only somebody who means harm writes them: each would run a script if it were put in a page as it is. */
export const hostileTitles = [
  `<script>window.hacked = 'element'; console.error('hacked')</script>`,
  `"><img src="https://example.invalid/pixel.png" onerror="window.hacked = 'attribute'">`,
  `' onmouseover='window.hacked = "quote"' x='`,
  `</script><script>window.hacked = 'json'</script><!-- & &lt;b&gt; \u2028 -->`,
] as const;

/** [P@20, MRR@20, NDCG@20, coverage, popularity, novelty] */
const measured = {
  blend: [0.54812345, 0.19345678, 0.27123456, 0.812345, 0.78412, 15.2071],
  network: [0.53012345, 0.18890123, 0.26345678, 0.654321, 0.83341, 14.7262],
  neighbours: [0.52412345, 0.18712345, 0.26012345, 0.871234, 0.74123, 15.5518],
  markov: [0.43123456, 0.16123456, 0.21987654, 0.792345, 0.75512, 15.3824],
  'item-kNN': [0.41123456, 0.14012345, 0.19876543, 0.841234, 0.72234, 15.6091],
  'recently popular': [0.01612345, 0.00412345, 0.00623456, 0.000564, 0.99931, 9.8811],
  popular: [0.00912345, 0.00212345, 0.00345678, 0.000464, 0.99982, 9.6714],
} as const;

/** A report with figures such as Diginetica gives, everything in it that a report may have, and hostile item titles. */
export function sampleReport(): EvaluationReport {
  return {
    formatVersion: 1,
    store: 'default',
    createdAt: '2026-03-02T04:05:06.789Z',
    subject: 'A model of the sessions up to 1 March, judged on the sessions of the day after',
    cutoff: 20,
    data: {
      trainingSessions: 186_670,
      trainingClicks: 906_140,
      items: 43_097,
      sessions: 15_979,
      cases: 60_858,
      from: '2026-03-01T00:00:12.345Z',
      until: '2026-03-01T23:58:01.002Z',
    },
    rankers: Object.entries(measured).map(([name, values]) => ({
      name,
      measures: {
        precision: estimate(values[0]),
        reciprocalRank: estimate(values[1]),
        discountedGain: estimate(values[2]),
        coverage: exact(values[3]),
        popularity: exact(values[4]),
        novelty: exact(values[5]),
        ...(name === 'popular' ? {} : { diversity: exact(values[0] / 2) }),
      },
    })),
    slices: [
      group('clicks seen', { '1 click': 15_979, '2 clicks': 12_345, '3 to 5 clicks': 20_012, '6 or more': 12_522 }),
      group('clicks of the target in training', { '1 to 5': 3_120, '6 to 20': 17_311, 'more than 20': 40_427 }),
      group('target seen before in the session', { 'seen before': 12_001, 'not seen before': 48_857 }),
    ],
    curve: Array.from({ length: 10 }, (_, i) => ({
      epoch: i + 1,
      loss: 3.1 + 4.2 * Math.exp(-i / 2),
      ...(i % 2 === 1
        ? { validation: { precision: 0.53 - 0.2 * Math.exp(-i / 2), reciprocalRank: 0.189 - 0.09 * Math.exp(-i / 2) } }
        : {}),
    })),
    popularity: Array.from({ length: 10 }, (_, i) => ({
      band: i + 1,
      clicks: share(i, 0.55),
      targets: share(i, 0.6),
      recommended: share(i, 0.48),
    })),
    examples: [
      example(['Blue running shoes', 'Red running shoes, size 42'], 'Running socks, 3 pairs', 2, 'Trail shoes'),
      example([hostileTitles[0]], hostileTitles[1], 2, hostileTitles[2]),
      example([hostileTitles[3], 'Café-Tasse „Größe L“', 'قميص أزرق'], `Wide ${'very'.repeat(40)} long`, 14, null),
      example(['Kettle', null, 'Kettle'], 'Descaler', null, 'Toaster'),
    ],
  };
}

function estimate(value: number) {
  return { value, low: value * 0.99, high: value * 1.0112 };
}

function exact(value: number) {
  return { value, low: value, high: value };
}

/** The part of band `i` of ten where each has `1 - first` times what the one before has. */
function share(i: number, first: number): number {
  return (first * (1 - first) ** i) / (1 - (1 - first) ** 10);
}

function group(by: string, cases: Readonly<Record<string, number>>) {
  const labels = Object.entries(cases);
  return {
    by,
    slices: labels.map(([label, count], slice) => ({
      label,
      cases: count,
      rankers: Object.fromEntries(
        Object.entries(measured).map(([name, [precision, reciprocalRank]]) => {
          const easier = 1.2 - (0.4 * slice) / labels.length;
          return [name, { precision: estimate(precision * easier), reciprocalRank: estimate(reciprocalRank * easier) }];
        }),
      ),
    })),
  };
}

function example(seen: (string | null)[], target: string, rank: number | null, other: string | null) {
  const targetItem = { itemId: 'sku-target', title: target };
  const recommended = Array.from({ length: 5 }, (_, place) => ({
    itemId: `sku-9${place}`,
    title: place ? `Item ${place}` : other,
  }));
  return {
    seen: seen.map((title, place) => ({ itemId: `sku-${place}`, title })),
    target: targetItem,
    rank,
    recommended: rank !== null && rank <= 5 ? recommended.with(rank - 1, targetItem) : recommended,
  };
}
