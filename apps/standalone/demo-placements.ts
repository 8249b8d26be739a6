import { parsePlacement, type PlacementStore } from '#placements';

/** One for each kind of page, to try and to change. */
const demoPlacements = {
  home: { count: 8, diversity: 0.3 },
  product: { strategy: 'similar-items', count: 6, repeat: 'none', excludeCart: true },
  cart: {
    strategy: 'bought-together',
    count: 4,
    repeat: 'none',
    excludeCart: true,
    excludeBoughtDays: 30,
    filter: { field: 'price', lt: 30 },
  },
} as const;

/** Gives a demo store without placements its own. */
export async function fillDemoPlacements(placements: PlacementStore, store: string): Promise<void> {
  if ((await placements.list(store)).length > 0) return;
  for (const [name, settings] of Object.entries(demoPlacements)) {
    await placements.put(store, name, parsePlacement(settings));
  }
}
