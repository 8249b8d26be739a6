import type { ApiKeys } from '#access';
import { DEFAULT_STORE } from '#events';

/** Which stores there are: `default`, and all that ever had a key. A name that nobody made is most likely misspelt. */
export class KnownStores {
  private names: ReadonlySet<string> = new Set([DEFAULT_STORE]);

  constructor(private readonly keys: ApiKeys) {}

  has(store: string): boolean {
    return this.names.has(store);
  }

  /** Asks the database again: a store may be new. */
  async refresh(): Promise<void> {
    this.names = new Set([DEFAULT_STORE, ...(await this.keys.stores())]);
  }
}
