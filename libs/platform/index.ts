export { batches } from './batches.js';
export { collectQuietly } from './collect-quietly.js';
export { Configuration, loadConfiguration, LOG_LEVELS, type LogLevel } from './configuration.js';
export { isDatabaseGone } from './database-gone.js';
export { createDataSource, inTransaction, openDataSource, resolveDatabase, runMigrations } from './database.js';
export { DAY_FORM, formatDay, IsDay, parseDay } from './day.js';
export { startEmbeddedPostgres, type RunningDatabase } from './embedded-postgres.js';
export { inSlices } from './in-slices.js';
export { IsInstant, parseInstant } from './instant.js';
export { kafkaSettings, type KafkaSettings } from './kafka-settings.js';
export { exists } from './exists.js';
export { factsOf, type FileFacts } from './file-facts.js';
export { findFreePort, isPortFree } from './free-port.js';
export { LineSplitter, MAXIMUM_LINE_BYTES, type Line } from './line-splitter.js';
export { MicroBatcher, TooLate } from './micro-batcher.js';
export { PIECE_BYTES, piecesOf } from './pieces.js';
export { pauseUnlessAborted } from './pause.js';
export { PlatformModule } from './platform.module.js';
export { prepared } from './prepared.js';
export { RecordReader, type RecordFormat, type RejectedLine } from './record-reader.js';
export { reasonOf } from './reason-of.js';
export { requireDatabase } from './require-database.js';
export { withShortLocks } from './short-locks.js';
export { streamRows } from './stream-rows.js';
export { TableHeader } from './table-header.js';
export { TextFile, type ReadProgress } from './text-file.js';
export { Turnstile } from './turnstile.js';
export {
  checkContract,
  IsIdentifier,
  parseEach,
  rejectionOf,
  type Checked,
  type Fault,
  type Parsed,
  type RejectedRecord,
  type Rejection,
} from './validation.js';
