interface Entry<Answer> {
  readonly answer: Promise<Answer>;
  readonly expiresAt: number;
}

/**
 * Remembers for a short time what was found about a key, so that a busy key costs one query every few seconds.
 * A revoked key works at most `lifetimeMs` longer. Concurrent questions about one key share one look-up; a look-up that
 * failed is not remembered. Holds at most `capacity` answers, so that guessed keys cannot fill the memory.
 */
export class KeyCache<Answer> {
  private readonly entries = new Map<string, Entry<Answer>>();

  constructor(
    private readonly lookUp: (name: string) => Promise<Answer>,
    private readonly lifetimeMs: number,
    private readonly capacity: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Rejects when the look-up does. */
  async get(name: string): Promise<Answer> {
    const known = this.entries.get(name);
    if (known && known.expiresAt > this.now()) return known.answer;
    const answer = this.lookUp(name);
    this.entries.delete(name);
    this.makeRoom();
    const entry = { answer, expiresAt: this.now() + this.lifetimeMs };
    this.entries.set(name, entry);
    try {
      return await answer;
    } catch (error) {
      if (this.entries.get(name) === entry) this.entries.delete(name);
      throw error;
    }
  }

  /** Forgets everything: the next question is a query. */
  clear(): void {
    this.entries.clear();
  }

  private makeRoom(): void {
    if (this.entries.size < this.capacity) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
