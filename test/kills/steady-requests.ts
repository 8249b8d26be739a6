/** Where recommendations are asked for. */
export interface RequestTarget {
  readonly url: string;
  readonly key: string;
  readonly perSecond: number;
}

/** As far as an answer is looked at. */
interface Answer {
  readonly model?: string | null;
  readonly recommendations?: readonly unknown[];
}

const PATIENCE_MS = 30_000;

/** Asks for recommendations, so many times a second whatever comes of it, until it is stopped; looks at every answer. */
export class SteadyRequests {
  /** What is asked, in turn: a session's items each. */
  questions: readonly (readonly string[])[] = [];
  requests = 0;
  failed = 0;
  /** What was wrong with the first few that failed, since the last look. */
  private complaints: string[] = [];
  private readonly versions = new Set<string>();
  private readonly under = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly target: RequestTarget) {
    this.timer = setInterval(() => {
      const asked = this.ask().finally(() => this.under.delete(asked));
      this.under.add(asked);
    }, 1_000 / target.perSecond);
  }

  /** The versions of models that answers named since the last look, and what was wrong. */
  take(): { versions: string[]; complaints: string[] } {
    const taken = { versions: [...this.versions], complaints: this.complaints };
    this.versions.clear();
    this.complaints = [];
    return taken;
  }

  /** Whether an answer named that version since the last look. */
  hasNamed(version: string): boolean {
    return this.versions.has(version);
  }

  /** Resolves once everything is answered. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.under);
  }

  /** On a connection of its own, so that every process gets some. */
  private async ask(): Promise<void> {
    const { url, key } = this.target;
    const items = this.questions[this.requests % this.questions.length];
    this.requests += 1;
    try {
      const response = await fetch(`${url}/v1/recommendations`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ items, count: 10 }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const answer = (await response.json()) as Answer;
      const { model, recommendations = [] } = answer;
      if (response.status === 200 && recommendations.length > 0 && typeof model === 'string') this.versions.add(model);
      else this.fail(`${response.status} ${JSON.stringify(answer).slice(0, 300)}`);
    } catch (error) {
      this.fail(String(error));
    }
  }

  private fail(what: string): void {
    this.failed += 1;
    if (this.complaints.length < 5) this.complaints.push(`a request failed: ${what}`);
  }
}
