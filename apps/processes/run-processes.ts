import cluster, { type Address, type Worker } from 'node:cluster';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { DomainError } from '#domain';
import { pauseUnlessAborted, resolveDatabase, type Configuration } from '#platform';
import { applicationOptions } from '../application-options.js';
import { GatheredFigures } from './gathered-figures.js';

/** Milliseconds before a process that died is replaced; twice as many after each that did not live long. */
const shortestPause = 500;
const longestPause = 30_000;
const longLife = 60_000;
/** Milliseconds beyond what a process takes for a graceful stop, before it is killed. */
const stopMargin = 10_000;

/**
 * Runs `serve` in so many processes that share the port, until the signal is aborted; this one only starts and stops them, hands
 * them connections in turn, adds up their figures, and runs the embedded database if there is one. One that dies is replaced.
 * @param onReady is told once, when all of them listen, where
 * @throws DomainError `process_failed` when one ends before they all listen; it has told itself why
 */
export async function runProcesses(
  configuration: Configuration,
  signal: AbortSignal,
  onReady: (address: Address) => void,
): Promise<void> {
  Logger.overrideLogger(applicationOptions(configuration).logger ?? true);
  const database = await resolveDatabase(configuration);
  try {
    cluster.setupPrimary({
      exec: fileURLToPath(new URL(`../cli/main${extname(import.meta.url)}`, import.meta.url)),
      args: ['serve'],
    });
    await new Crew(configuration, database.url).run(signal, onReady);
  } finally {
    await database.stop();
  }
}

/** The processes that are to run. */
class Crew {
  private readonly logger = new Logger('Processes');
  private readonly figures = new GatheredFigures();
  private readonly listening = new Map<Worker, Address>();
  private ready = false;

  constructor(
    private readonly configuration: Configuration,
    private readonly databaseUrl: string,
  ) {}

  async run(signal: AbortSignal, onReady: (address: Address) => void): Promise<void> {
    const { processes } = this.configuration;
    const failure = new AbortController();
    const end = AbortSignal.any([signal, failure.signal]);
    const onListening = (worker: Worker, address: Address): void => {
      this.listening.set(worker, address);
      this.logger.log(`Process ${worker.process.pid ?? 0} listens`);
      if (this.ready || this.listening.size < processes) return;
      this.ready = true;
      onReady(address);
    };
    const onMessage = (worker: Worker, message: unknown): void => {
      this.figures
        .hear(worker, message, () => [...this.listening.keys()])
        .catch((error: unknown) => {
          this.logger.warn(`The figures of the processes could not be added up: ${String(error)}`);
        });
    };
    cluster.on('listening', onListening).on('message', onMessage);
    const places = Array.from({ length: processes }, () =>
      this.keep(end).catch((error: unknown) => {
        failure.abort(error);
      }),
    );
    await Promise.all(places);
    cluster.off('listening', onListening).off('message', onMessage);
    if (failure.signal.aborted) throw failure.signal.reason;
  }

  /** Keeps one process running until the signal, then stops it. */
  private async keep(signal: AbortSignal): Promise<void> {
    let pause = shortestPause;
    const stopped = (): boolean => signal.aborted;
    while (!stopped()) {
      const begun = performance.now();
      const worker = cluster.fork({ DATABASE_URL: this.databaseUrl });
      const stop = (): void => {
        this.stop(worker);
      };
      signal.addEventListener('abort', stop);
      const [code, killedBy] = (await once(worker, 'exit')) as [number | null, string | null];
      signal.removeEventListener('abort', stop);
      this.listening.delete(worker);
      await this.figures.leave(worker);
      if (stopped()) return;
      if (!this.ready) {
        throw new DomainError('unavailable', 'process_failed', 'A process ended before all of them listened.');
      }
      pause = performance.now() - begun < longLife ? pause : shortestPause;
      this.logger.warn(
        `Process ${worker.process.pid ?? 0} ended (${killedBy ?? `status ${code ?? 0}`}); another one starts in ${pause} ms.`,
      );
      await pauseUnlessAborted(pause, signal);
      pause = Math.min(longestPause, 2 * pause);
    }
  }

  private stop(worker: Worker): void {
    const { stopDelaySeconds, drainSeconds } = this.configuration;
    worker.process.kill('SIGTERM');
    const timer = setTimeout(
      () => worker.process.kill('SIGKILL'),
      (stopDelaySeconds + drainSeconds) * 1000 + stopMargin,
    );
    worker.once('exit', () => {
      clearTimeout(timer);
    });
  }
}
