/** What a role says of itself at /metrics, in the Prometheus text format. */
export class RoleMetrics {
  private constructor(private readonly text: string) {}

  static async read(url: string): Promise<RoleMetrics> {
    const response = await fetch(`${url}/metrics`);
    if (!response.ok) throw new Error(`${url}/metrics answers ${response.status}`);
    return new RoleMetrics(await response.text());
  }

  /** About the value that a share of a histogram's values does not exceed: even spread within a bucket is assumed, as Prometheus does. */
  quantile(histogram: string, share: number): number {
    const wanted = share * this.value(`${histogram}_count`);
    let [lower, below] = [0, 0];
    for (const [, le, count] of this.text.matchAll(
      new RegExp(`^${histogram}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm'),
    )) {
      const [upper, upTo] = [Number(le), Number(count)];
      if (upTo >= wanted) return le === '+Inf' ? lower : lower + ((upper - lower) * (wanted - below)) / (upTo - below);
      [lower, below] = [upper, upTo];
    }
    return Number.NaN;
  }

  private value(name: string): number {
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(this.text)?.[1]);
  }
}
