import { afterAll, beforeAll, expect, test } from 'vitest';
import { TrainingRuns } from '#runs';
import { startTestApi, type TestApi } from '../../support/api.js';

let api: TestApi;
let runId: string;

beforeAll(async () => {
  api = await startTestApi();
  ({ runId } = await api.app.get(TrainingRuns).record('default', { origin: 'command', options: {} }, async (run) => {
    await run.note({ gate: { differences: { p20: { value: 1.5 }, mrr20: { value: 0.5 } } } });
    return { outcome: 'kept', reason: 'It was no better.', version: null } as const;
  }));
});
afterAll(() => api.stop());

test('the runs, and one of them', async () => {
  const { status, body } = await api.ask('GET', '/v1/runs');
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { runs: [{ id: runId, outcome: 'kept', reason: 'It was no better.' }] },
  });
  expect(await api.ask('GET', `/v1/runs/${runId}`)).toMatchObject({
    status: 200,
    body: { id: runId, details: { gate: {} } },
  });
  expect(await api.ask('GET', '/v1/runs/none')).toMatchObject({ status: 404, body: { code: 'run_not_found' } });
});

test('Prometheus hears when training last worked, and how the gate decided', async () => {
  const { text } = await api.ask('GET', '/metrics', { key: null });
  expect(text).toMatch(/^nextpick_training_last_success_timestamp_seconds\{store="default"\} 1\d{9}(\.\d+)?$/m);
  expect(text).toContain('nextpick_training_last_run_failed{store="default"} 0');
  expect(text).toContain('nextpick_training_gate_margin_precision_points{store="default"} 1.5');
  expect(text).toContain('nextpick_training_gate_margin_reciprocal_rank_points{store="default"} 0.5');
});
