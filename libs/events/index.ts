export { parseEvent, type ParsedEvent } from './event-contract.js';
export { EventDto, EventItemDto } from './event.dto.js';
export { EventEntity } from './event.entity.js';
export { EventIntake, type IntakeResult, type WriteResult } from './event-intake.js';
export { EventsModule } from './events.module.js';
export { ImportEntity } from './import.entity.js';
export { importEvents, type ImportOptions, type ImportProgress, type ImportReport } from './import-events.js';
export { readSessionFile, type SessionFile, type SessionFileOptions } from './session-file.js';
