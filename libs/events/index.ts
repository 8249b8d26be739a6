export { DeadLetterEntity } from './dead-letter.entity.js';
export { DeadLetters, type DeadLetter, type DeadLetterSelection, type KeptDeadLetter } from './dead-letters.js';
export { DEFAULT_STORE, parseEvent, type ParsedEvent } from './event-contract.js';
export { EventDto, EventItemDto } from './event.dto.js';
export { EventEntity } from './event.entity.js';
export { EventIdEntity } from './event-id.entity.js';
export { parseRecord, toRecordValue } from './event-record.js';
export {
  dropEventPartition,
  keepEventPartitions,
  listEventPartitions,
  makeEventPartitionsAhead,
  monthOf,
  type EventPartition,
} from './event-partitions.js';
export { EventIntake, type IntakeResult, type WriteResult } from './event-intake.js';
export { EventsModule } from './events.module.js';
export { ImportEntity } from './import.entity.js';
export { importEvents, type ImportOptions, type ImportProgress, type ImportReport } from './import-events.js';
export { readSessionFile, type SessionFile, type SessionFileOptions } from './session-file.js';
export { StreamOffsetEntity } from './stream-offset.entity.js';
export { StreamOffsets, type StreamPartition } from './stream-offsets.js';
