interface Entry<T> {
  value: T;
  freshUntil: number;
  reloading: boolean;
}

/**
 * Keeps one loaded value per store. A value past its lifetime is still given while a new one is loaded beside it, so
 * that no request waits for a refresh, and it outlives a failed one.
 */
export class Refreshing<T> {
  private readonly entries = new Map<string, Entry<T>>();
  private readonly loading = new Map<string, Promise<T>>();

  constructor(
    private readonly load: (store: string) => Promise<T>,
    private readonly lifetimeMs: number,
    private readonly onFailure: (store: string, error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Rejects only when no value was ever loaded for the store and loading one fails. */
  async get(store: string): Promise<T> {
    const entry = this.entries.get(store);
    if (!entry) return this.first(store);
    if (entry.freshUntil <= this.now() && !entry.reloading) {
      entry.reloading = true;
      this.first(store).catch((error: unknown) => {
        entry.reloading = false;
        entry.freshUntil = this.now() + this.lifetimeMs;
        this.onFailure(store, error);
      });
    }
    return entry.value;
  }

  /** The next `get` loads anew. */
  forget(store: string): void {
    this.entries.delete(store);
    this.loading.delete(store);
  }

  private first(store: string): Promise<T> {
    const under = this.loading.get(store);
    if (under) return under;
    const loading = this.load(store);
    this.loading.set(store, loading);
    const done = () => this.loading.get(store) === loading && this.loading.delete(store);
    return loading.then(
      (value) => {
        if (done()) this.entries.set(store, { value, freshUntil: this.now() + this.lifetimeMs, reloading: false });
        return value;
      },
      (error: unknown) => {
        done();
        throw error;
      },
    );
  }
}
