/** Requests to a route: so many a second whatever comes of them, or each connection one after the other. */
export interface Load {
  /** Of the server, without a path. */
  readonly url: string;
  readonly path: string;
  readonly key: string;
  /** Sent in turn, from the first again after the last. */
  readonly bodies: readonly string[];
  readonly seconds: number;
  readonly pace: { readonly perSecond: number } | { readonly connections: number };
}

/** What came of a load. */
export interface LoadResult {
  readonly requests: number;
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** With status 200. */
  readonly answered: number;
  /**
   * Milliseconds of the answered requests; NaN without any, as is every other. With a pace they count from when the request was due, so
   * that one that had to wait for its turn is as late as a visitor would find it.
   */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** With status 503. */
  readonly refused: number;
  readonly refusedP99Ms: number;
  /** All others. */
  readonly failed: number;
  /** What happened to the first of them. */
  readonly failure: string | null;
}
