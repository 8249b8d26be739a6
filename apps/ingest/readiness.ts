/** Why the role should not be relied on at present, by part. */
export class Readiness {
  private readonly reasons = new Map<string, string>();

  /** @param reason a sentence that tells what is the matter; undefined when it is good again. */
  set(part: 'broker' | 'database' | 'process', reason: string | undefined): void {
    if (reason === undefined) this.reasons.delete(part);
    else this.reasons.set(part, reason);
  }

  /** Nothing when it is ready. */
  get why(): readonly string[] {
    return [...this.reasons.values()];
  }
}
