import type { EventItem, ShopEvent } from '#domain';
import {
  checkContract,
  parseInstant,
  rejectionOf,
  type Checked,
  type Fault,
  type Parsed,
  type Rejection,
} from '#platform';
import { EventDto, EventItemDto, ITEMS_PER_EVENT, StoreEventDto, TOO_MANY_ITEMS } from './event.dto.js';
import { occurredAtFault } from './occurred-at.js';

/** An event, or why there is none. */
export type ParsedEvent = Parsed<ShopEvent>;

/** The store of an event that names none. */
export const DEFAULT_STORE = 'default';

/**
 * Checks one event of the contract. Codes: `not_an_object`, `unknown_field`, `invalid_field`, `consent_withheld`,
 * `occurred_at_out_of_range`.
 * @param plain such as parsed JSON
 * @param now the receiving clock, milliseconds since the epoch
 */
export function parseEvent(store: string, plain: unknown, now: number): ParsedEvent {
  const withheld = consentFault(plain);
  if (withheld) return withheld;
  const { value, faults } = checkEvent(EventDto, plain);
  return faults ? { rejection: rejectionOf(faults) } : toEvent(store, value, now);
}

/** The same for an event that names its store itself, in `store`; `default` unless it does. */
export function parseStoreEvent(plain: unknown, now: number): ParsedEvent {
  const withheld = consentFault(plain);
  if (withheld) return withheld;
  const { value, faults } = checkEvent(StoreEventDto, plain);
  return faults ? { rejection: rejectionOf(faults) } : toEvent(value.store ?? DEFAULT_STORE, value, now);
}

const rejected = (code: string, message: string): ParsedEvent => ({ rejection: { code, message } });

/**
 * Why nothing of an event may be stored; undefined when there is consent. There is none with `false`, nor with what is not of the contract,
 * such as `"no"`. Looked at before all else, for an event that is refused for another reason may be kept as a dead letter.
 */
export function consentFault(plain: unknown): { rejection: Rejection } | undefined {
  const { consent } = (plain ?? {}) as { consent?: unknown };
  if (consent == null || consent === true) return undefined;
  const fault = consent === false ? 'is false' : 'must be true or false';
  return { rejection: { code: 'consent_withheld', message: `consent ${fault}: nothing of the event is stored` } };
}

const LISTS = { items: EventItemDto };

function checkEvent<T extends EventDto>(contract: new () => T, plain: unknown): Checked<T> {
  const given = (plain as { items?: unknown } | null | undefined)?.items;
  // Before the check of each entry: that takes seconds for what a megabyte holds of them.
  if (Array.isArray(given) && given.length > ITEMS_PER_EVENT) return itemsFault(TOO_MANY_ITEMS);
  const checked = checkContract(contract, plain, LISTS);
  const both = checked.value?.itemId != null && checked.value.items != null;
  return both ? itemsFault('must not be given together with itemId') : checked;
}

const itemsFault = (what: string): { faults: Fault[] } => ({
  faults: [{ field: 'items', message: `items ${what}`, unknownField: false }],
});

function toEvent(store: string, given: EventDto, now: number): ParsedEvent {
  const occurredAt = parseInstant(given.occurredAt);
  const fault = occurredAtFault(occurredAt, now);
  if (fault !== undefined) return rejected('occurred_at_out_of_range', `occurredAt ${fault}`);
  const items = itemsOf(given);
  if (items.length === 0 && given.type !== 'search') {
    return rejected('invalid_field', `itemId or items must be given for a ${given.type}`);
  }
  const { eventId, type, visitorId, userId, sessionId, currency, orderId, requestId } = given;
  const value: Writable<ShopEvent> = { store, eventId, type, visitorId, items, occurredAt };
  if (userId != null) value.userId = userId;
  if (sessionId != null) value.sessionId = sessionId;
  if (currency != null) value.currency = currency;
  if (orderId != null) value.orderId = orderId;
  if (requestId != null) value.requestId = requestId;
  return { value };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function itemsOf({ itemId, items }: EventDto): EventItem[] {
  if (itemId != null) return [{ itemId }];
  return (items ?? []).map(({ itemId, quantity, price, position }) => ({
    itemId,
    ...(quantity != null && { quantity }),
    ...(price != null && { price }),
    ...(position != null && { position }),
  }));
}
