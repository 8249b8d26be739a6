import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { withTrainingOptions } from '../../../apps/cli/train.js';

const read = async (path: string): Promise<unknown> => parse(await readFile(path, 'utf8')) as unknown;

interface CronJob {
  readonly spec: {
    readonly concurrencyPolicy: string;
    readonly jobTemplate: {
      readonly spec: { readonly template: { readonly spec: { readonly containers: { command: string[] }[] } } };
    };
  };
}

test('the CronJob runs a command line that exists', async () => {
  const { spec } = (await read('infra/kubernetes/training.yaml')) as CronJob;
  expect(spec.concurrencyPolicy).toBe('Forbid');
  const [, , script = ''] = spec.jobTemplate.spec.template.spec.containers[0]?.command ?? [];
  const [, words = ''] = /^node dist\/apps\/cli\/main\.js train (.*) \|\| \[ \$\? -eq 3 \]$/.exec(script) ?? [];
  const train = withTrainingOptions(new Command('train')).option('--store <name>').option('--json').exitOverride();
  expect(train.parse(words.split(' '), { from: 'user' }).opts()).toMatchObject({
    store: 'default',
    origin: 'schedule',
  });
});

test('the alerts ask for figures that the API tells', async () => {
  const { groups } = (await read('infra/prometheus/alerts.yaml')) as { groups: { rules: { expr: string }[] }[] };
  const names = groups.flatMap(({ rules }) => rules.map(({ expr }) => /nextpick_\w+/.exec(expr)?.[0] ?? expr));
  expect(names).toHaveLength(3);
  const gauges = await readFile('apps/api/metrics/training-gauges.ts', 'utf8');
  for (const name of names) expect(gauges).toContain(`'${name}'`);
});
