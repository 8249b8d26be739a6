import { setTimeout as pause } from 'node:timers/promises';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';
import { DomainError } from '#domain';
import { inTransaction } from './database.js';

const LOCK_NOT_AVAILABLE = '55P03';
const longestWaitMs = 1_000;
const pauseMs = 500;
const attempts = 60;

/**
 * Runs `work`, which needs a table for itself, in a transaction that waits at most a second for each lock: whoever comes behind it waits as
 * long. Where it does not get one it gives way, and tries again.
 * @throws DomainError `tables_busy` when a minute or more of that was not enough
 */
export async function withShortLocks<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTransaction(dataSource, async (manager) => {
        await manager.query(`select set_config('lock_timeout', $1, true)`, [String(longestWaitMs)]);
        return work(manager);
      });
    } catch (cause) {
      const code = cause instanceof QueryFailedError ? (cause.driverError as { code?: string }).code : undefined;
      if (code !== LOCK_NOT_AVAILABLE) throw cause;
      if (attempt === attempts) {
        throw new DomainError(
          'unavailable',
          'tables_busy',
          'A table of events could not be made or dropped: others kept it busy for a minute. Nothing was changed; try again.',
          {},
          { cause },
        );
      }
      await pause(pauseMs);
    }
  }
}
