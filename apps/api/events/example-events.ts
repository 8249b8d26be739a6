/** Shown on the OpenAPI page; they can be sent as they are. */
export const exampleEvents = [
  {
    eventId: 'event-1',
    type: 'view',
    visitorId: 'visitor-1',
    itemId: 'item-1',
    occurredAt: '2026-01-15T10:00:00Z',
  },
  {
    eventId: 'event-2',
    type: 'purchase',
    visitorId: 'visitor-1',
    items: [{ itemId: 'item-1', quantity: 2, price: 19.9 }],
    currency: 'EUR',
    orderId: 'order-1',
    occurredAt: '2026-01-15T10:05:00Z',
  },
];
