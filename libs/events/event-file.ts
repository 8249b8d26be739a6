import { createHash } from 'node:crypto';
import { EVENT_TYPES, identifierFault, type EventType, type ShopEvent } from '#domain';
import type { Parsed, RecordFormat, TableHeader } from '#platform';
import { consentFault, parseEvent } from './event-contract.js';
import { occurredAtFault } from './occurred-at.js';

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES);

/** What the column `consent` may say; an empty cell says nothing. */
const CONSENTS: Readonly<Record<string, boolean>> = { '': true, true: true, false: false };

/**
 * Events in files: NDJSON of the event contract, or a table with the columns `session_id item_id timestamp event_type`,
 * and `visitor_id`, `user_id`, `consent` if there are any; other columns are ignored. In a table the session is the visitor where no
 * visitor is given, and the event id is made of the content: a line that is there twice counts once.
 * @param now the receiving clock, milliseconds since the epoch
 */
export function eventFileFormat(store: string, now: number): RecordFormat<ShopEvent> {
  return {
    fromJson: (plain) => parseEvent(store, plain, now),
    requiredColumns: ['session_id', 'item_id', 'timestamp', 'event_type'],
    fromTable: (header) => tableParser(store, header, now),
  };
}

function tableParser(store: string, header: TableHeader, now: number): (cells: readonly string[]) => Parsed<ShopEvent> {
  const [session, item, timestamp, eventType] = [
    header.at('session_id'),
    header.at('item_id'),
    header.at('timestamp'),
    header.at('event_type'),
  ];
  const [visitor, user, consent] = [header.at('visitor_id'), header.at('user_id'), header.at('consent')];
  return (cells) => {
    const cell = (index: number): string => cells[index] ?? '';
    const withheld = consentFault({ consent: CONSENTS[cell(consent).toLowerCase()] ?? cell(consent) });
    if (withheld) return withheld;
    const [sessionId, itemId, time, type, userId] = [session, item, timestamp, eventType, user].map(cell) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const visitorId = cell(visitor) || sessionId;
    const occurredAt = Number(time);
    const fault =
      idFault('session_id', sessionId) ??
      idFault('item_id', itemId) ??
      idFault('visitor_id', visitorId) ??
      (userId === '' ? undefined : idFault('user_id', userId)) ??
      timestampFault(time) ??
      typeFault(type);
    if (fault !== undefined) return { rejection: { code: 'invalid_field', message: fault } };
    const rangeFault = occurredAtFault(occurredAt, now);
    if (rangeFault !== undefined) {
      return { rejection: { code: 'occurred_at_out_of_range', message: `timestamp ${time} ${rangeFault}` } };
    }
    const event: ShopEvent = {
      store,
      eventId: contentId([visitorId, sessionId, itemId, time, type, userId]),
      type: type as EventType,
      visitorId,
      ...(userId !== '' && { userId }),
      sessionId,
      items: [{ itemId }],
      occurredAt,
    };
    return { value: event };
  };
}

function idFault(name: string, value: string): string | undefined {
  const fault = identifierFault(value);
  return fault === undefined ? undefined : `${name} ${fault}`;
}

function timestampFault(time: string): string | undefined {
  if (/^\d{1,16}$/.test(time)) return undefined;
  return `timestamp "${time.slice(0, 40)}" must be a whole number of milliseconds since 1970, such as 1767225600000`;
}

function typeFault(type: string): string | undefined {
  if (TYPES.has(type)) return undefined;
  return `event_type "${type.slice(0, 40)}" must be one of ${EVENT_TYPES.join(', ')}`;
}

/** 128 bits of SHA-256, in 22 characters. */
function contentId(cells: readonly string[]): string {
  return createHash('sha256').update(cells.join('\t')).digest('base64url').slice(0, 22);
}
