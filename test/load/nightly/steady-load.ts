import type { Child } from '../serving/child.js';
import type { Load, LoadResult } from '../serving/load.js';

/** A load is sent in pieces of this length: what is asked changes from piece to piece. */
const PIECE_SECONDS = 5;

/** What became of the requests of some time. */
export interface LoadCounts {
  readonly requests: number;
  /** Without a 200. */
  readonly failed: number;
  /** Milliseconds, of the piece where it was worst; -Infinity without any. */
  readonly p99Ms: number;
}

/** An open loop of requests that goes on, whatever else happens, until it is stopped. */
export class SteadyLoad {
  private pieces: LoadResult[] = [];
  private stopping = false;
  private readonly running: Promise<void>;

  /** @param bodies asked for anew for each piece */
  constructor(
    private readonly generator: Child,
    private readonly load: Omit<Load, 'bodies' | 'seconds'>,
    private readonly bodies: () => readonly string[],
  ) {
    this.running = this.run();
    // It is awaited at the end; until then a failure is nobody's.
    this.running.catch(() => undefined);
  }

  /** What came since the last call, of the pieces that are done. */
  take(): LoadCounts {
    const pieces = this.pieces;
    this.pieces = [];
    for (const { failure } of pieces) if (failure !== null) console.error(`a request failed: ${failure}`);
    return {
      requests: pieces.reduce((sum, { requests }) => sum + requests, 0),
      failed: pieces.reduce((sum, { refused, failed }) => sum + refused + failed, 0),
      p99Ms: Math.max(Number.NEGATIVE_INFINITY, ...pieces.map(({ p99Ms }) => p99Ms)),
    };
  }

  /** Ends after the piece that is under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      const piece = { ...this.load, bodies: this.bodies(), seconds: PIECE_SECONDS };
      this.pieces.push(await this.generator.ask<LoadResult>(piece));
    }
  }
}
