/** What is not as usual, in a test or for values that must not be older than a limit. */
interface RefreshingOptions {
  readonly now?: () => number;
  /** A value that was loaded longer ago is not given while a new one can be loaded; milliseconds. */
  readonly oldestMs?: number;
}

interface Entry<T> {
  value: T;
  freshUntil: number;
  /** Null while the value is not loaded anew. */
  next: Promise<T> | null;
}

/**
 * Keeps one loaded value per store. A value past its lifetime is still given while a new one is loaded beside it, so
 * that no request waits for a refresh unless the value is older than a limit, and it outlives a failed one.
 */
export class Refreshing<T> {
  private readonly now: () => number;
  private readonly oldestMs: number;
  private readonly entries = new Map<string, Entry<T>>();
  private readonly loading = new Map<string, Promise<T>>();

  constructor(
    private readonly load: (store: string) => Promise<T>,
    private readonly lifetimeMs: number,
    private readonly onFailure: (store: string, error: unknown) => void,
    { now = Date.now, oldestMs = Infinity }: RefreshingOptions = {},
  ) {
    this.now = now;
    this.oldestMs = oldestMs;
  }

  /** Rejects only when no value was ever loaded for the store and loading one fails. */
  async get(store: string): Promise<T> {
    const entry = this.entries.get(store);
    if (!entry) return this.first(store);
    const past = this.now() - entry.freshUntil;
    if (past < 0) return entry.value;
    entry.next ??= this.first(store).catch((error: unknown) => {
      Object.assign(entry, { next: null, freshUntil: this.now() + this.lifetimeMs });
      this.onFailure(store, error);
      return entry.value;
    });
    return past + this.lifetimeMs >= this.oldestMs ? entry.next : entry.value;
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
        if (done()) this.entries.set(store, { value, freshUntil: this.now() + this.lifetimeMs, next: null });
        return value;
      },
      (error: unknown) => {
        done();
        throw error;
      },
    );
  }
}
