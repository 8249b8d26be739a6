import type { EntityManager } from 'typeorm';
import type { CheckpointStore } from './checkpoint-store.js';

/** How a run ended. */
export interface RunEnd {
  readonly outcome: 'promoted' | 'kept' | 'failed';
  /** A sentence. */
  readonly reason: string;
  /** The model that was stored, if one was. */
  readonly version: string | null;
}

/** Takes down what a run does, as it does it. */
export interface RunNotes {
  /** Where the run leaves what the next one may go on from; emptied when it ends well. */
  readonly checkpoints: CheckpointStore;
  /** A stage begins. */
  stage(name: string): void;
  /** Adds to the record, or replaces what it says under the same names. */
  note(details: Readonly<Record<string, unknown>>): Promise<void>;
  /** Ends the record within the transaction that stores or promotes what the run made, so that both or neither are there. */
  finish(manager: EntityManager, end: RunEnd): Promise<void>;
}
