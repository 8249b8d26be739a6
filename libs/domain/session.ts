import type { EventType } from './event.js';

/** One thing done with one item within a session. */
export interface SessionStep {
  readonly itemId: string;
  readonly type: EventType;
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
}

/** A visitor's steps that belong together, oldest first. */
export interface Session {
  readonly store: string;
  readonly visitorId: string;
  /** The shop's own name for it; absent when cut by time. */
  readonly sessionId?: string;
  /** Never empty; by `occurredAt`, ties in order of arrival. */
  readonly steps: readonly SessionStep[];
}

/**
 * Sessions as item indexes, for training and evaluation; the oldest session first.
 * Session s holds `items[offsets[s] .. offsets[s + 1])`. Item indexes run from 1 to the number of items; 0 is padding.
 */
export interface EncodedSessions {
  readonly items: Int32Array;
  /** [sessions + 1] */
  readonly offsets: Int32Array;
  /** [sessions], milliseconds since the epoch. */
  readonly endedAt: Float64Array;
}
