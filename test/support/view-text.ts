/** A view of the item with the event's own id, as JSON of the event contract. */
export const viewText = (eventId: string, more: object = {}): string =>
  JSON.stringify({
    eventId,
    type: 'view',
    visitorId: 'v',
    itemId: eventId,
    occurredAt: '2026-01-31T12:00:00Z',
    ...more,
  });
