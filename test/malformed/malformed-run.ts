import { openDataSource } from '#platform';
import { Connection } from './connection.js';
import { Contract, type OpenApi, type Route } from './contract.js';
import { wrongRequest } from './generate.js';
import { codeOf, faultOf, KEY } from './judge.js';
import { ServerProcess } from './server-process.js';
import { answersCounted, countRows, openShop } from './shop.js';
import { bytesOf, rightRequest, type Keys } from './wrong-request.js';

/** Requests that are under way at a time. */
const CONNECTIONS = 4;
/** After that part of the requests a process has all the memory that it needs, but for what its collector leaves for later. */
const WARM = 0.2;
const GROWTH_MB = 128;
const SHOWN = 2_000;
const MOST_FINDINGS = 20;

export interface MalformedRunOptions {
  /** The same seed gives the same requests. */
  readonly seed: number;
  readonly requests: number;
  /** The number of the first request, to repeat one of another run. */
  readonly first?: number;
  /** A database with the schema and nothing else. */
  readonly databaseUrl: string;
  /** The path of the compiled command line. */
  readonly commandLine: string;
  readonly signal?: AbortSignal;
}

/** What a run was. */
export interface MalformedRun {
  /** Each tells what was wrong, and how to do it again. At most 20. */
  readonly findings: readonly string[];
  /** How many of each status and code. */
  readonly counts: Readonly<Record<string, number>>;
  /** How many of each operation. */
  readonly routes: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** Memory of the process after a fifth of the requests, and at the end. */
  readonly memoryMb: readonly [number, number];
}

/**
 * Sends requests that break the contract of the API document to a real server, and judges what it says to each; then what became of
 * the server: that it works, has stored nothing, and logged neither an error nor a key.
 * @throws Error when a documented request does not work
 */
export async function runMalformed(options: MalformedRunOptions): Promise<MalformedRun> {
  const dataSource = await openDataSource(options.databaseUrl);
  try {
    const { keys, known } = await openShop(dataSource);
    const { server, url } = await ServerProcess.start(options.commandLine, options.databaseUrl);
    try {
      const document = (await (await fetch(`${url}/docs-json`)).json()) as OpenApi;
      const run = new Run(options, new Contract(document, known), keys, url);
      await run.sendRightRequests();
      await answersCounted(dataSource);
      const before = await countRows(dataSource);
      const result = await run.sendWrongRequests();
      const after = await countRows(dataSource);
      const findings = [...result.findings];
      if (JSON.stringify(before) !== JSON.stringify(after)) {
        findings.push(`rows were stored: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
      }
      const [warm, end] = result.memoryMb;
      if (!(end <= warm + GROWTH_MB)) findings.push(`the memory grew from ${warm} to ${end} MB`);
      if (!(await fetch(`${url}/health/ready`)).ok) findings.push('the server is no longer ready');
      const code = await server.stop();
      if (code !== 0) findings.push(`the server ended with ${code}`);
      if (/\bERROR\b|\bat .+\.[cm]?[jt]s:\d/.test(server.log))
        findings.push(`the log has an error:\n${server.log.slice(-SHOWN)}`);
      if (KEY.test(server.log)) findings.push('the log has a key in it');
      return { ...result, findings };
    } finally {
      await server.stop();
    }
  } finally {
    await dataSource.destroy();
  }
}

class Run {
  private readonly findings: string[] = [];
  private readonly counts = new Map<string, number>();
  private readonly routes = new Map<string, number>();

  constructor(
    private readonly options: MalformedRunOptions,
    private readonly contract: Contract,
    private readonly keys: Keys,
    private readonly url: string,
  ) {}

  /** Proves that what the faults are put into has none of its own; what needs another request first comes after it. */
  async sendRightRequests(): Promise<void> {
    const connection = this.connect();
    const order = ['PUT', 'POST', 'PATCH', 'GET', 'DELETE'];
    let waiting = [...this.contract.routes].sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method));
    for (let refusals: string[] = []; waiting.length > 0; refusals = []) {
      const failed: Route[] = [];
      for (const route of waiting) {
        const outcome = await connection.send(bytesOf(rightRequest(route, this.keys.secret)));
        if (typeof outcome === 'object' && outcome.status >= 200 && outcome.status < 300) continue;
        failed.push(route);
        refusals.push(`${route.method} ${route.template}: ${typeof outcome === 'object' ? outcome.text : outcome}`);
      }
      if (failed.length === waiting.length) {
        throw new Error(
          `The documented request is refused, so that no fault can be put into it:\n${refusals.join('\n')}`,
        );
      }
      waiting = failed;
    }
    connection.close();
  }

  async sendWrongRequests(): Promise<MalformedRun> {
    const { requests, first = 0 } = this.options;
    const started = Date.now();
    const warm = await this.send(first, first + Math.ceil(requests * WARM));
    const end = await this.send(first + Math.ceil(requests * WARM), first + requests);
    return {
      findings: this.findings,
      counts: sorted(this.counts),
      routes: sorted(this.routes),
      seconds: Math.round((Date.now() - started) / 1_000),
      memoryMb: [warm, end],
    };
  }

  /** @returns the server's memory afterwards, in MB of 2^20 bytes */
  private async send(from: number, until: number): Promise<number> {
    let next = from;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        const connection = this.connect();
        while (next < until && this.findings.length < MOST_FINDINGS) {
          this.options.signal?.throwIfAborted();
          await this.ask(next++, connection);
        }
        connection.close();
      }),
    );
    const metrics = await (await fetch(`${this.url}/metrics`)).text();
    return Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]) / 2 ** 20);
  }

  private async ask(number: number, connection: Connection): Promise<void> {
    const request = wrongRequest(this.options.seed, number, this.contract, this.keys);
    const { route, fault, bytes, verdict } = request;
    const outcome = await connection.send(bytes, verdict.kind === 'refused or cut off');
    const where = `${route.method} ${route.template}`;
    count(this.counts, codeOf(outcome));
    count(this.routes, where);
    const wrong = faultOf(request, outcome);
    if (wrong === undefined || this.findings.length >= MOST_FINDINGS) return;
    const answer = typeof outcome === 'object' ? `${outcome.status} ${outcome.text}` : outcome;
    this.findings.push(
      [
        `${where}, ${fault}: ${wrong}. Again: --seed ${this.options.seed} --first ${number} --requests 1`,
        `request: ${JSON.stringify(bytes.toString('latin1').slice(0, SHOWN))}`,
        `answer: ${JSON.stringify(answer.slice(0, SHOWN))}`,
      ]
        .join('\n  ')
        .replaceAll(new RegExp(KEY.source + '[\\w-]*', 'g'), 'KEY'),
    );
  }

  private connect(): Connection {
    const { hostname, port } = new URL(this.url);
    return new Connection(hostname, Number(port));
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

const sorted = (counts: ReadonlyMap<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
