import type { OpenAPIObject } from '@nestjs/swagger';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelRegistry } from '#registry';
import { TrainingRuns } from '#runs';
import { VisitorPrivacy } from '#visitors';
import { Contract, type OpenApi, type Route } from '../../malformed/contract.js';
import { rightRequest } from '../../malformed/wrong-request.js';
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
    'GET /v1/runs',
    'GET /v1/runs/{runId}',
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
  const { runId } = await api.app
    .get(TrainingRuns)
    .record('default', { origin: 'command', options: {} }, () =>
      Promise.resolve({ outcome: 'kept', reason: 'An example.', version: null } as const),
    );
  // The one that the examples name beside that which they put.
  expect(await api.ask('PUT', '/v1/placements/product', { body: {} })).toMatchObject({ status: 200 });
  const first = ['put /v1/items', 'put /v1/placements/{name}', 'post /v1/models/{version}/promote'];
  const turn = ({ method, template }: Route) => {
    const place = first.indexOf(`${method.toLowerCase()} ${template}`);
    return place < 0 ? first.length : place;
  };
  const openApi = document as unknown as OpenApi;
  const { routes } = new Contract(openApi, { version, receiptId, runId });
  for (const route of [...routes].sort((a, b) => turn(a) - turn(b))) {
    const { method, template: path, body } = route;
    const reply = await api.ask(method, rightRequest(route, '').target, body && { body: body.value });
    const responses = openApi.paths[path]?.[method.toLowerCase()]?.responses ?? {};
    const expected = Object.keys(responses).filter((status) => status.startsWith('2'));
    expect({ path, method, status: String(reply.status), text: reply.status < 300 ? '' : reply.text }).toEqual({
      path,
      method,
      status: expected[0],
      text: '',
    });
    if (path === '/v1/events') expect(reply.body).toMatchObject({ accepted: 2, rejected: [] });
    if (path === '/v1/items' && method === 'PUT') expect(reply.body).toMatchObject({ accepted: 2, rejected: [] });
  }
});
