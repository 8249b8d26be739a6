/** A program of a shop's developer against the generated types; its arguments are the address of the API and a secret key. */
export const shopProgram = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

const [, , baseUrl = '', key = ''] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${key}\` } });

const items = await client.PUT('/v1/items', {
  body: { items: [{ itemId: 'ring-0', price: 19.9, categories: ['Rings'] }, { itemId: 'ring-1', title: null }] },
});
const events = await client.POST('/v1/events', {
  body: {
    events: [{ eventId: 'e1', type: 'view', visitorId: 'v1', itemId: 'ring-0', occurredAt: new Date().toISOString() }],
  },
});
const answer = await client.POST('/v1/recommendations', {
  body: { items: ['ring-0'], count: 3, repeat: 'exceptCurrent', exclude: ['ring-5'] },
});
if (!answer.data) throw new Error(answer.error.detail);
const model: string | null = answer.data.model;
const recommended: string | undefined = answer.data.recommendations[0]?.itemId;
const score: number | undefined = answer.data.recommendations[0]?.score;
if (score === undefined) throw new Error('nothing was recommended');

const models = await client.GET('/v1/models');
const inService: string | undefined = models.data?.models.find(({ inService }) => inService)?.version;

const refused = await client.POST('/v1/recommendations', { body: { count: 0, repeat: 'all', exclude: [] } });
if (!refused.error) throw new Error('a count of 0 was taken');
const problem: components['schemas']['Problem'] = refused.error;

const removed = await client.DELETE('/v1/items/{id}', { params: { path: { id: 'ring-0' } } });
const live = await client.GET('/health/live');
const status: 'live' | undefined = live.data?.status;

console.log(
  JSON.stringify({
    items: items.data,
    events: events.data,
    recommended,
    model,
    inService,
    problem: { status: problem.status, code: problem.code, fields: problem.errors?.map(({ field }) => field) },
    deleted: removed.response.status,
    live: status,
  }),
);
`;

/** Lines that must not compile below the program, and what the compiler tells of each. */
export const wrongLines: [string, RegExp][] = [
  [
    'const wrong: number | undefined = answer.data.recommendations[0]?.itemId;',
    /'string \| undefined' is not assignable/,
  ],
  ['const wrong: string = answer.data.model;', /'string \| null' is not assignable/],
  ['answer.data.recommendations[0]?.itemID;', /'itemID' does not exist/],
  ["await client.POST('/v1/recommendations', { body: { items: [7] } });", /'number' is not assignable/],
  ["const wrong: components['schemas']['RecommendationsRequestDto'] = { limit: 3 };", /'limit' does not exist/],
  ["await client.POST('/v1/recommendations', { body: { repeat: 'never' } });", /'"never"' is not assignable/],
  [
    "await client.POST('/v1/events', { body: { events: [{ eventId: 'e' }] } });",
    /'\{ eventId: string; \}' is not assignable/,
  ],
  ["await client.DELETE('/v1/items/{id}');", /Expected 2 arguments/],
  ["await client.GET('/v1/orders', {});", /not assignable/],
];
