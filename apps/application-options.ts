import { ConsoleLogger, type NestApplicationOptions } from '@nestjs/common';
import { LOG_LEVELS, type Configuration } from '#platform';

/** How every role of ours runs in Nest: its log, and errors thrown to the caller instead of ending the process. */
export function applicationOptions({
  logLevel,
}: Configuration): Pick<NestApplicationOptions, 'logger' | 'abortOnError' | 'bodyParser'> {
  const logLevels = LOG_LEVELS.slice(0, LOG_LEVELS.indexOf(logLevel) + 1);
  return { logger: new ConsoleLogger({ logLevels }), abortOnError: false, bodyParser: false };
}
