import { CONTEXT_ID_LENGTH } from './request-id.js';

/** The name that an event gives to its answer, as the index `events_by_request` has it: apps write a UUID in capitals too. */
const requestId = (event: string): string => `lower((${event}.details ->> 'requestId') collate "C")`;

/**
 * Whether an event's `requestId` is one that an answer of the store may have had: the field is free text. With `is true` the contexts are
 * a hash table made once; without it Postgres joins them, and reads all of them for each event where it expects few events.
 */
const namesAnswer = (event: string): string =>
  `${event}.details ? 'requestId'
   and ${requestId(event)} ~ '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
   and (right(${requestId(event)}, ${CONTEXT_ID_LENGTH}) in (select id from serving_contexts where store = $1)) is true`;

const inRange = (id: string): string => `${id} >= $2 and ${id} < $3`;

const itemsOf = (event: string): string =>
  `jsonb_array_elements(coalesce(${event}.items, jsonb_build_array(jsonb_build_object('itemId', ${event}.item_id))))`;

/** Hours and not days: the length of a day depends on the time zone. */
const followingTime = `interval '168 hours'`;

/**
 * What the answers of a store led to, by day of the answer (UTC) and serving context, as common table expressions; the last is `led_to`.
 * `$1` is the store, `$2` and `$3` how request ids begin at the start and at the end of the range. The figures of a day are the same
 * whatever other days are asked about.
 *
 * `named`: events that name an answer of the range. `followed`: items put into the cart or purchased by events that name none of the
 * store's answers, each with the last answer of the range from which the same visitor clicked or viewed it in the 7 days before; a later
 * click on it from an answer out of the range takes it away. Both are found by indices: from the ids of the answers to the events
 * that name them, and on to the carts and purchases of those visitors.
 */
const ledTo = `
  named as (
    select ${requestId('event')} as request_id, type, visitor_id, occurred_at, item_id, details -> 'items' as items,
      details ->> 'currency' as currency
    from events as event
    where store = $1 and ${inRange(requestId('event'))} and ${namesAnswer('event')}
      and type in ('impression', 'click', 'view', 'add_to_cart', 'purchase')
  ), visitors as (
    select visitor_id, min(occurred_at) as since, max(occurred_at) + ${followingTime} as until
    from named where type in ('click', 'view') group by visitor_id
  ), nameless as (
    select type, event.visitor_id, occurred_at, item_id, details -> 'items' as items, details ->> 'currency' as currency
    from visitors join events as event on event.visitor_id = visitors.visitor_id
    where event.store = $1 and event.type in ('add_to_cart', 'purchase') and occurred_at between since and until
      and (${namesAnswer('event')}) is not true
  ), followed as (
    select touch.request_id, nameless.type, nameless.currency, item
    from nameless cross join ${itemsOf('nameless')} as item cross join lateral (
      select ${requestId('event')} as request_id from events as event
      where ${namesAnswer('event')} and event.store = $1 and event.visitor_id = nameless.visitor_id and event.type in ('view', 'click')
        and event.occurred_at between nameless.occurred_at - ${followingTime} and nameless.occurred_at
        and (event.item_id = item ->> 'itemId'
          or event.details -> 'items' @> jsonb_build_array(jsonb_build_object('itemId', item -> 'itemId')))
      order by event.occurred_at desc, event.event_id desc limit 1
    ) as touch
    where ${inRange('touch.request_id')}
  ), items as (
    select request_id, type, currency, item from named cross join ${itemsOf('named')} as item
    union all select request_id, type, currency, item from followed
  ), of_item as (
    select request_id, case when type = 'purchase' then currency end as currency,
      bool_or(type = 'impression') as shown, bool_or(type in ('click', 'view')) as clicked,
      sum(units) filter (where type = 'add_to_cart') as carts, sum(units) filter (where type = 'purchase') as purchases,
      sum(units * price) filter (where type = 'purchase') as revenue
    from items cross join lateral (
      select coalesce((item ->> 'quantity')::numeric, 1) as units, (item ->> 'price')::numeric as price
    ) as amount
    group by request_id, item ->> 'itemId', 2
  ), of_currency as (
    select context_id, day, currency, count(*) filter (where shown) as impressions, count(*) filter (where clicked) as clicks,
      sum(carts) as carts, sum(purchases) as purchases, (case when sum(revenue) > 1e300 then 1e300 else sum(revenue) end)::float8 as revenue
    from of_item cross join lateral (
      select right(request_id, ${CONTEXT_ID_LENGTH}) as context_id, date '1970-01-01'
        + (('x' || left(request_id, 8) || substr(request_id, 10, 4))::bit(48)::bigint / 86400000)::int as day
    ) as answer
    group by context_id, day, currency
  ), led_to as (
    select context_id, day, sum(impressions) as impressions, sum(clicks) as clicks, sum(carts) as carts,
      sum(purchases) as purchases,
      jsonb_agg(jsonb_build_object('currency', currency, 'amount', revenue) order by currency)
        filter (where revenue is not null) as revenue
    from of_currency group by context_id, day
  )`;

/**
 * The figures of the answers of a store in a range of days, by day of the answer (UTC), placement and model: `ledTo`, and those that were
 * settled. `$1` to `$3` as there, without the settled days; `$4` is a placement or null for all, `$5` and `$6` the first and the last day.
 */
export const placementFigures = `
  with ${ledTo}, known as (
    select context_id, day, impressions, clicks, carts, purchases, revenue from led_to
    union all
    select context_id, day, impressions, clicks, carts, purchases, revenue from placement_days
    where store = $1 and day between $5::date and $6::date
  ), answered as (
    select context_id, day, requests, items from placement_requests
    where store = $1 and day between $5::date and $6::date
  )
  select to_char(day, 'YYYY-MM-DD') as day, placement, model,
    coalesce(requests, 0)::float8 as requests, coalesce(items, 0)::float8 as items,
    coalesce(impressions, 0)::float8 as impressions, coalesce(clicks, 0)::float8 as clicks,
    coalesce(carts, 0)::float8 as carts, coalesce(purchases, 0)::float8 as purchases,
    coalesce(revenue, '[]') as revenue, clicks::float8 / nullif(impressions, 0)::float8 as "clickThroughRate"
  from answered full join known using (context_id, day)
    join serving_contexts as context on context.store = $1 and context.id = context_id
  where $4::text is null or placement = $4
  order by day, placement collate "C" nulls first, model collate "C" nulls first`;

/** Stores what the answers of a day led to; `$1` to `$3` as for `ledTo`. */
export const storeLedTo = `
  with ${ledTo}
  insert into placement_days (store, day, context_id, impressions, clicks, carts, purchases, revenue)
  select $1, day, context_id, impressions, clicks, carts, purchases, revenue from led_to
  on conflict do nothing`;
