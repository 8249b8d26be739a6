import type { KeyHolder } from './api-key.js';

interface Entry {
  readonly holder: Promise<KeyHolder | null>;
  readonly expiresAt: number;
}

/**
 * Remembers for a short time whom a key belongs to, so that a busy key costs one query every few seconds.
 * A revoked key works at most `lifetimeMs` longer. Concurrent questions about one key share one look-up; a look-up that
 * failed is not remembered. Holds at most `capacity` keys, so that guessed keys cannot fill the memory.
 */
export class KeyCache {
  private readonly entries = new Map<string, Entry>();

  constructor(
    private readonly lookUp: (hash: string) => Promise<KeyHolder | null>,
    private readonly lifetimeMs: number,
    private readonly capacity: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** `hash` is hexadecimal. Rejects when the look-up does. */
  async holderOf(hash: string): Promise<KeyHolder | null> {
    const known = this.entries.get(hash);
    if (known && known.expiresAt > this.now()) return known.holder;
    const holder = this.lookUp(hash);
    this.entries.delete(hash);
    this.makeRoom();
    const entry = { holder, expiresAt: this.now() + this.lifetimeMs };
    this.entries.set(hash, entry);
    try {
      return await holder;
    } catch (error) {
      if (this.entries.get(hash) === entry) this.entries.delete(hash);
      throw error;
    }
  }

  /** Forgets everything: the next question about any key is a query. */
  clear(): void {
    this.entries.clear();
  }

  private makeRoom(): void {
    if (this.entries.size < this.capacity) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
