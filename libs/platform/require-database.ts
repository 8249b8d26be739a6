import type { DataSource } from 'typeorm';
import { DomainError } from '#domain';
import { reasonOf } from './reason-of.js';

const PATIENCE_MS = 2_000;

/** @throws DomainError `not_ready` when the database does not answer within 2 seconds */
export async function requireDatabase(dataSource: DataSource): Promise<void> {
  let patience: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    patience = setTimeout(() => {
      reject(new Error(`no answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
  });
  try {
    await Promise.race([dataSource.query('select 1'), tooSlow]);
  } catch (cause) {
    const message = `Not ready: the database does not answer (${reasonOf(cause)}).`;
    throw new DomainError('unavailable', 'not_ready', message, {}, { cause });
  } finally {
    clearTimeout(patience);
  }
}
