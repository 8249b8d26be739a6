export { itemSequence } from './item-sequence.js';
export { SessionEntity } from './session.entity.js';
export { SessionStore } from './session-store.js';
export { sessionise, type SessionChanges, type StoredSession } from './sessionise.js';
export { SessionsModule } from './sessions.module.js';
export { trainingSessions } from './training-sessions.js';
export type { TrainingSession, TrainingWindow } from './training-stream.js';
