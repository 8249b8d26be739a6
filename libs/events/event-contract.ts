import type { EventItem, ShopEvent } from '#domain';
import { checkContract, rejectionOf, type Checked, type Parsed } from '#platform';
import { EventDto, EventItemDto } from './event.dto.js';
import { occurredAtFault, parseInstant } from './occurred-at.js';

/** An event, or why there is none. */
export type ParsedEvent = Parsed<ShopEvent>;

/**
 * Checks one event of the contract. Codes: `not_an_object`, `unknown_field`, `invalid_field`, `consent_withheld`,
 * `occurred_at_out_of_range`.
 * @param plain such as parsed JSON
 * @param now the receiving clock, milliseconds since the epoch
 */
export function parseEvent(store: string, plain: unknown, now: number): ParsedEvent {
  const { value, faults } = checkEvent(plain);
  if (faults) return { rejection: rejectionOf(faults) };
  if (value.consent === false) {
    return rejected('consent_withheld', 'consent is false: nothing of the event is stored');
  }
  const occurredAt = parseInstant(value.occurredAt);
  const fault = occurredAtFault(occurredAt, now);
  if (fault !== undefined) return rejected('occurred_at_out_of_range', `occurredAt ${fault}`);
  const items = itemsOf(value);
  if (items.length === 0 && value.type !== 'search') {
    return rejected('invalid_field', `itemId or items must be given for a ${value.type}`);
  }
  return { value: { store, ...optionalFields(value), ...requiredFields(value), items, occurredAt } };
}

const rejected = (code: string, message: string): ParsedEvent => ({ rejection: { code, message } });

function checkEvent(plain: unknown): Checked<EventDto> {
  const checked = checkContract(EventDto, plain, { items: EventItemDto });
  const both = checked.value?.itemId != null && checked.value.items != null;
  return both
    ? { faults: [{ field: 'items', message: 'items must not be given together with itemId', unknownField: false }] }
    : checked;
}

function itemsOf({ itemId, items }: EventDto): EventItem[] {
  if (itemId != null) return [{ itemId }];
  return (items ?? []).map(({ itemId, quantity, price, position }) => ({
    itemId,
    ...(quantity != null && { quantity }),
    ...(price != null && { price }),
    ...(position != null && { position }),
  }));
}

const requiredFields = ({ eventId, type, visitorId }: EventDto): Pick<ShopEvent, 'eventId' | 'type' | 'visitorId'> => ({
  eventId,
  type,
  visitorId,
});

type OptionalField = 'userId' | 'sessionId' | 'currency' | 'orderId' | 'requestId';

const optionalFields = ({
  userId,
  sessionId,
  currency,
  orderId,
  requestId,
}: EventDto): Partial<Pick<ShopEvent, OptionalField>> => ({
  ...(userId != null && { userId }),
  ...(sessionId != null && { sessionId }),
  ...(currency != null && { currency }),
  ...(orderId != null && { orderId }),
  ...(requestId != null && { requestId }),
});
