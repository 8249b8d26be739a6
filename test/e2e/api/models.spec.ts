import { afterAll, beforeAll, expect, test } from 'vitest';
import { ModelRegistry } from '#registry';
import { startTestApi, type TestApi } from '../../support/api.js';
import { flipByte } from '../../support/flip-byte.js';
import { figureOf } from '../../support/metrics.js';
import { trainRingModel, type RingModel } from '../../support/tiny-model.js';

let api: TestApi;
let ring: RingModel;
/** As another process has it: the trainer, or the command line. */
let elsewhere: ModelRegistry;

beforeAll(async () => {
  api = await startTestApi();
  ring = await trainRingModel();
  elsewhere = new ModelRegistry(api.database.dataSource);
});
afterAll(() => api.stop());

const save = () => elsewhere.save('default', ring.draft, ring.files);

async function answering(): Promise<string | null> {
  const { status, body } = await api.ask('POST', '/v1/recommendations', { body: { items: ['ring-0'], count: 1 } });
  expect(status).toBe(200);
  const { model, recommendations } = body as { model: string | null; recommendations: unknown[] };
  if (model !== null) expect(recommendations).toHaveLength(1);
  return model;
}

const promote = (version: string) => api.ask('POST', `/v1/models/${version}/promote`);

test('promote and roll back over HTTP: the next answer comes from the version in service', async () => {
  const [first, second] = [await save(), await save()];
  expect(await answering()).toBeNull();
  expect(await promote(first)).toMatchObject({ status: 200, body: { inService: first } });
  expect(await answering()).toBe(first);
  expect(await promote(second)).toMatchObject({ status: 200, body: { inService: second } });
  expect(await answering()).toBe(second);
  const { body } = await api.ask('GET', '/v1/models');
  expect(body).toMatchObject({
    models: [
      {
        version: second,
        inService: true,
        rollbackTarget: false,
        promotion: { reason: 'promoted over HTTP' },
        manifest: { counts: ring.draft.counts },
      },
      { version: first, inService: false, rollbackTarget: true },
    ],
  });
  expect(await api.ask('POST', '/v1/models/rollback')).toMatchObject({ status: 200, body: { inService: first } });
  expect(await answering()).toBe(first);
  expect(await api.ask('POST', '/v1/models/rollback')).toMatchObject({ status: 409 });
  expect(await answering()).toBe(first);
});

test('a promotion by another process is followed within seconds', async () => {
  const version = await save();
  await elsewhere.promote('default', version, 'by the trainer');
  await expect.poll(answering, { timeout: 30_000, interval: 100 }).toBe(version);
});

test('a damaged model is refused over HTTP and the old one stays', async () => {
  const good = await answering();
  const bad = await save();
  await flipByte(api.database.dataSource, bad, 'model.onnx');
  const reply = await promote(bad);
  expect(reply).toMatchObject({ status: 409, body: { code: 'artefact_corrupt' } });
  expect(reply.text).toContain('model.onnx does not have the SHA-256');
  expect(await answering()).toBe(good);
  expect(await elsewhere.inService('default')).toBe(good);
});

test('a model that is whole but no network is refused over HTTP and the old one stays', async () => {
  const good = await answering();
  const bad = await elsewhere.save('default', ring.draft, new Map([...ring.files, ['model.onnx', Buffer.from('no')]]));
  expect(await promote(bad)).toMatchObject({ status: 409, body: { code: 'model_unusable' } });
  expect(await answering()).toBe(good);
  expect(await elsewhere.inService('default')).toBe(good);
});

test('a model damaged after its promotion is not loaded; the old one answers, readiness tells why, the next one heals', async () => {
  const good = await answering();
  const bad = await elsewhere.saveAndPromote(
    'default',
    ring.draft,
    new Map([...ring.files, ['model.onnx', Buffer.from('no')]]),
    'by the trainer',
  );
  const ready = async () => {
    const { status, body } = await api.ask('GET', '/health/ready', { key: null });
    expect(status).toBe(200);
    return (body as { models: { store: string; serving: string; problem: string | null }[] }).models[0];
  };
  await expect.poll(async () => (await ready())?.problem, { timeout: 30_000, interval: 100 }).toContain(bad);
  expect(await ready()).toMatchObject({ store: 'default', serving: good });
  expect(await figureOf(api.url, 'nextpick_model_problems')).toBe(1);
  expect(await answering()).toBe(good);
  const next = await elsewhere.saveAndPromote('default', ring.draft, ring.files, 'by the trainer');
  await expect.poll(answering, { timeout: 30_000, interval: 100 }).toBe(next);
  expect(await ready()).toMatchObject({ serving: next, problem: null });
  expect(await figureOf(api.url, 'nextpick_model_problems')).toBe(0);
});

test('no request fails while models are switched under load: each answer is of a version then in service', async () => {
  const versions = [await save(), await save()];
  expect((await promote(versions[1] ?? '')).status).toBe(200);
  let switching = true;
  const asked = Promise.all(
    Array.from({ length: 16 }, async () => {
      const answered = new Set<string | null>();
      while (switching) answered.add(await answering());
      return [...answered];
    }),
  );
  try {
    // In turn by this process, which switches before it answers, by another one, and by rollbacks of both.
    for (let round = 0; round < 3; round++) {
      const [first = '', second = ''] = versions;
      expect((await promote(first)).status).toBe(200);
      await elsewhere.promote('default', second, 'by the trainer');
      await expect.poll(answering, { timeout: 30_000, interval: 20 }).toBe(second);
      expect(await api.ask('POST', '/v1/models/rollback')).toMatchObject({ status: 200, body: { inService: first } });
      expect(await elsewhere.rollback('default')).toBe(second);
      await expect.poll(answering, { timeout: 30_000, interval: 20 }).toBe(second);
    }
  } finally {
    switching = false;
  }
  for (const answered of await asked) expect(answered.toSorted()).toEqual(versions);
});
