const EARLIEST = Date.UTC(2000, 0, 1);
const CLOCK_SKEW = 24 * 60 * 60 * 1000;

/**
 * What is wrong with the time of an event, as the end of a sentence; undefined when it is good. A time before the year
 * 2000 is most often a wrong unit, one in the future a wrong clock, and either would spoil the order of sessions.
 * @param occurredAt milliseconds since the epoch
 * @param now by the receiving clock
 */
export function occurredAtFault(occurredAt: number, now: number): string | undefined {
  if (occurredAt < EARLIEST) {
    const looksLikeSeconds = occurredAt * 1000 >= EARLIEST && occurredAt * 1000 <= now + CLOCK_SKEW;
    return looksLikeSeconds
      ? `is in seconds; it must be in milliseconds (${occurredAt * 1000})`
      : 'is before the year 2000';
  }
  if (occurredAt > now + CLOCK_SKEW) return 'is more than a day in the future';
  return undefined;
}
