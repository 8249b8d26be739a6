import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { answerParent } from './child.js';
import type { Load, LoadResult } from './load.js';
import { Outcomes } from './outcomes.js';

/** An open loop opens as many as it needs, as visitors do, up to what a process may hold. */
const MOST_CONNECTIONS = 2_000;
const PATIENCE_MS = 30_000;

/** Sends one load. */
class Generator {
  private readonly outcomes = new Outcomes();
  private readonly headers: Record<string, string>;
  private readonly bodies: readonly Buffer[];
  private sent = 0;

  constructor(
    private readonly load: Load,
    private readonly pool: Pool,
  ) {
    this.headers = { 'content-type': 'application/json', authorization: `Bearer ${load.key}` };
    this.bodies = load.bodies.map((body) => Buffer.from(body));
  }

  async run(): Promise<LoadResult> {
    const { pace, seconds } = this.load;
    const start = performance.now();
    if ('perSecond' in pace) await this.keepPace(start, pace.perSecond, Math.round(pace.perSecond * seconds));
    else {
      const end = start + seconds * 1000;
      await Promise.all(Array.from({ length: pace.connections }, () => this.keepAsking(end)));
    }
    return this.outcomes.result((performance.now() - start) / 1000);
  }

  /** One request every 1 / perSecond seconds. A timer is late by a millisecond or so, which counts. */
  private async keepPace(start: number, perSecond: number, requests: number): Promise<void> {
    const under: Promise<void>[] = [];
    while (this.sent < requests) {
      const due = Math.min(requests, 1 + Math.floor(((performance.now() - start) * perSecond) / 1000));
      while (this.sent < due) under.push(this.ask(start + (this.sent * 1000) / perSecond));
      await pause(1);
    }
    await Promise.all(under);
  }

  private async keepAsking(end: number): Promise<void> {
    for (let now = performance.now(); now < end; now = performance.now()) await this.ask(now);
  }

  /** Without the streams of `request`, which cost more than all else. */
  private ask(dueAt: number): Promise<void> {
    const { pool, headers, outcomes, bodies } = this;
    const body = bodies[this.sent++ % bodies.length] ?? null;
    return new Promise((resolve) => {
      let status = 0;
      pool.dispatch(
        { path: this.load.path, method: 'POST', headers, body },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_, statusCode) => {
            status = statusCode;
          },
          onResponseData: () => undefined,
          onResponseEnd: () => {
            outcomes.note(status, performance.now() - dueAt);
            resolve();
          },
          onResponseError: (_, error) => {
            outcomes.fail(String(error));
            resolve();
          },
        },
      );
    });
  }
}

answerParent(async (load: Load) => {
  const connections = 'connections' in load.pace ? load.pace.connections : MOST_CONNECTIONS;
  const pool = new Pool(load.url, { connections, headersTimeout: PATIENCE_MS, bodyTimeout: PATIENCE_MS });
  try {
    return await new Generator(load, pool).run();
  } finally {
    await pool.close();
  }
});
