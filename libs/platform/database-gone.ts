/** Of the network, and of Postgres (57P: shutting down or starting up; 53300: too many connections). */
const codes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', '57P01', '57P02', '57P03', '53300']);

/** Whether an error says that the database cannot be reached, so that the same request may succeed later. */
export function isDatabaseGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && codes.has(error.code)) return true;
  return /^Connection terminated|^timeout exceeded when trying to connect/.test(error.message);
}
