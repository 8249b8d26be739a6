/** An event as it is meant; the table `events` must have it so. */
export interface PlannedEvent {
  readonly store: string;
  readonly eventId: string;
  readonly visitorId: string;
  readonly sessionId: string | null;
  readonly type: string;
  readonly items: readonly string[];
  /** Milliseconds since the epoch. */
  readonly occurredAt: number;
}

/** A record to send, and what must become of it: an event, or a dead letter with a code. */
export interface PlannedRecord {
  readonly key: string | Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly meaning: { readonly event: PlannedEvent } | { readonly code: string };
}
