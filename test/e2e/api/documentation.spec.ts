import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelRegistry } from '#registry';
import { VisitorPrivacy } from '#visitors';
import { startTestApi, type TestApi } from '../../support/api.js';
import { trainRingModel } from '../../support/tiny-model.js';

let api: TestApi;
let document: OpenAPIObject;

beforeAll(async () => {
  api = await startTestApi();
  document = (await api.ask('GET', '/docs-json', { key: null })).body as OpenAPIObject;
});
afterAll(() => api.stop());

test('the page at /docs needs nothing from elsewhere', async () => {
  const page = await api.ask('GET', '/docs', { key: null });
  expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') as string });
  const references = [...page.text.matchAll(/(?:src|href)=["']([^"']+)["']/g)].map(([, reference]) => reference ?? '');
  expect(references.length).toBeGreaterThan(3);
  for (const reference of references) {
    expect(reference).not.toMatch(/^(https?:)?\/\//);
    const { status } = await api.ask('GET', new URL(reference, `${api.url}/docs`).pathname, { key: null });
    expect({ reference, status }).toEqual({ reference, status: 200 });
  }
  const setUp = await api.ask('GET', '/docs/swagger-ui-init.js', { key: null });
  expect(setUp.text).toContain('"validatorUrl": null');
});

test('every route of the contract is described', () => {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.sort()).toEqual([
    'DELETE /v1/items/{id}',
    'DELETE /v1/placements/{name}',
    'DELETE /v1/visitors/{id}',
    'GET /health/live',
    'GET /health/ready',
    'GET /v1/metrics/placements',
    'GET /v1/models',
    'GET /v1/models/{version}/report',
    'GET /v1/placements',
    'GET /v1/placements/{name}',
    'GET /v1/receipts/{receiptId}',
    'GET /v1/visitors/{id}/export',
    'POST /v1/events',
    'POST /v1/models/rollback',
    'POST /v1/models/{version}/promote',
    'POST /v1/recommendations',
    'POST /v1/recommendations/batch',
    'POST /v1/visitors/merge',
    'PUT /v1/items',
    'PUT /v1/placements/{name}',
  ]);
});

test('the examples run as given', async () => {
  const { draft, files } = await trainRingModel();
  const registry = api.app.get(ModelRegistry);
  await registry.saveAndPromote('default', draft, files, 'test');
  const version = await registry.save('default', draft, files, { report: {}, page: '<!doctype html>' });
  const { receiptId } = await api.app.get(VisitorPrivacy).erase('default', 'visitor-8');
  // The one that the examples name beside that which they put.
  expect(await api.ask('PUT', '/v1/placements/product', { body: {} })).toMatchObject({ status: 200 });
  const first = ['put /v1/items', 'put /v1/placements/{name}', 'post /v1/models/{version}/promote'];
  const turn = ({ path, method }: { path: string; method: string }) => {
    const place = first.indexOf(`${method} ${path}`);
    return place < 0 ? first.length : place;
  };
  const operations = Object.entries(document.paths)
    .flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation: operation as Operation })),
    )
    .sort((a, b) => turn(a) - turn(b));
  for (const { path, method, operation } of operations) {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'version' ? version : name === 'receiptId' ? receiptId : exampleOf(operation, name),
    );
    const body = bodyOf(operation);
    const reply = await api.ask(method.toUpperCase(), filled + queryOf(operation), body === undefined ? {} : { body });
    const expected = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
    expect({ path, method, status: String(reply.status), text: reply.status < 300 ? '' : reply.text }).toEqual({
      path,
      method,
      status: expected[0],
      text: '',
    });
    if (path === '/v1/events') expect(reply.body).toMatchObject({ accepted: 2, rejected: [] });
    if (path === '/v1/items' && method === 'put') expect(reply.body).toMatchObject({ accepted: 2, rejected: [] });
  }
});

interface Schema {
  readonly $ref?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly properties?: Record<string, Schema>;
}

interface Operation {
  readonly responses: Record<string, unknown>;
  readonly parameters?: { name: string; in: string; example?: string; schema?: { example?: string } }[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
}

function exampleOf({ parameters }: Operation, name: string): string {
  const parameter = parameters?.find((each) => each.name === name);
  const example = parameter?.example ?? parameter?.schema?.example;
  if (example === undefined) throw new Error(`The parameter ${name} has no example`);
  return example;
}

/** The query string that the page puts together. */
function queryOf(operation: Operation): string {
  const query = new URLSearchParams();
  for (const { name, in: place } of operation.parameters ?? []) {
    if (place === 'query') query.set(name, exampleOf(operation, name));
  }
  return query.size === 0 ? '' : `?${query.toString()}`;
}

/** The body that the page puts together: the example of each field, or its default. */
function bodyOf({ requestBody }: Operation): unknown {
  const reference = requestBody?.content['application/json']?.schema.$ref;
  if (reference === undefined) return undefined;
  const schemas = document.components?.schemas as Record<string, Schema>;
  const { properties = {} } = schemas[reference.replace('#/components/schemas/', '')] ?? {};
  const fields = Object.entries(properties).map(([name, { example, default: byDefault }]) => [
    name,
    example ?? byDefault,
  ]);
  return Object.fromEntries(fields.filter(([, example]) => example !== undefined)) as unknown;
}
