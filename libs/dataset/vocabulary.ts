/**
 * The items that a model knows. Index i (1 .. `itemIds.length`) stands for `itemIds[i - 1]`; 0 is no item.
 */
export class Vocabulary {
  private readonly indexes: ReadonlyMap<string, number>;

  /**
   * @param itemIds The shop's item ids, each once.
   * @param support [itemIds], how many steps of the training sessions each has.
   */
  constructor(
    readonly itemIds: readonly string[],
    readonly support: Int32Array,
  ) {
    this.indexes = new Map(itemIds.map((itemId, place) => [itemId, place + 1]));
  }

  /** The item's index, from 1; 0 when the model does not know it. */
  indexOf(itemId: string): number {
    return this.indexes.get(itemId) ?? 0;
  }
}
