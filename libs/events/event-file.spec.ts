import { describe, expect, it } from 'vitest';
import { TableHeader, type Parsed } from '#platform';
import type { ShopEvent } from '#domain';
import { eventFileFormat } from './event-file.js';

const NOW = Date.UTC(2026, 0, 31);
const PLAIN = 'session_id\titem_id\ttimestamp\tevent_type';

function parse(row: string, columns = PLAIN): Parsed<ShopEvent> {
  const format = eventFileFormat('shop', NOW);
  return format.fromTable(TableHeader.parse('f', columns, format.requiredColumns))(row.split('\t'));
}

const rejection = (row: string): string => {
  const { rejection } = parse(row);
  return rejection ? `${rejection.code}: ${rejection.message}` : 'accepted';
};

describe('events in a table', () => {
  it('take the session for the visitor where none is given', () => {
    expect(parse('s1\ti1\t1700000000000\tview').value).toMatchObject({
      store: 'shop',
      type: 'view',
      visitorId: 's1',
      sessionId: 's1',
      items: [{ itemId: 'i1' }],
      occurredAt: 1_700_000_000_000,
    });
  });

  it('use columns of visitors and users, in any order, and ignore others', () => {
    const columns = 'colour\tevent_type\tuser_id\ttimestamp\tvisitor_id\titem_id\tsession_id';
    expect(parse('red\tpurchase\tu1\t1700000000000\tv1\ti1\ts1', columns).value).toMatchObject({
      type: 'purchase',
      visitorId: 'v1',
      userId: 'u1',
      sessionId: 's1',
    });
    const withoutUser = parse('red\tpurchase\t\t1700000000000\t\ti1\ts1', columns).value;
    expect(withoutUser?.visitorId).toBe('s1');
    expect(withoutUser).not.toHaveProperty('userId');
  });

  it('have an id made of their content', () => {
    const id = (row: string, columns?: string): string | undefined => parse(row, columns).value?.eventId;
    const first = id('s1\ti1\t1700000000000\tview');
    expect(first).toMatch(/^[\w-]{22}$/);
    expect(id('view\ts1\ti1\t1700000000000', 'event_type\tsession_id\titem_id\ttimestamp')).toBe(first);
    expect(id('s1\ti2\t1700000000000\tview')).not.toBe(first);
    expect(id('s1\ti1\t1700000000001\tview')).not.toBe(first);
  });

  it('are left out where the column of consents says no, or what is not known', () => {
    const codes = ['true', 'TRUE', '', 'false', 'False', 'no', '0', 'constructor'].map((consent) => {
      const { rejection } = parse(`s1\ti1\t1700000000000\tview\t${consent}`, `${PLAIN}\tconsent`);
      return rejection?.code ?? 'taken';
    });
    expect(codes).toEqual(['taken', 'taken', 'taken', ...Array<string>(5).fill('consent_withheld')]);
  });

  it.each([
    ['s1\ti1\t1700000000\tview', 'timestamp 1700000000 is in seconds; it must be in milliseconds (1700000000000)'],
    ['s1\ti1\t17000000000000\tview', 'timestamp 17000000000000 is more than a day in the future'],
    ['s1\ti1\t5\tview', 'timestamp 5 is before the year 2000'],
    ['s1\ti1\tyesterday\tview', 'timestamp "yesterday" must be a whole number of milliseconds since 1970'],
    ['s1\ti1\t1.7e12\tview', 'timestamp "1.7e12" must be a whole number'],
    ['s1\ti1\t-1\tview', 'timestamp "-1" must be a whole number'],
    ['s1\ti1\t\tview', 'timestamp "" must be a whole number'],
    ['s1\t\t1700000000000\tview', 'item_id must not be empty'],
    ['\ti1\t1700000000000\tview', 'session_id must not be empty'],
    [`s1\t${'x'.repeat(10_000)}\t1700000000000\tview`, 'item_id has 10000 characters, at most 256 are allowed'],
    ['s1\ti\u00001\t1700000000000\tview', 'item_id must not contain control characters'],
    ['s1\ti1\t1700000000000\tvie', 'event_type "vie" must be one of view, click'],
  ])('refuse %j', (row, message) => {
    expect(rejection(row)).toContain(message);
  });
});
