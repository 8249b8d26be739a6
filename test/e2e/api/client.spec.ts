import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { OpenAPIObject } from '@nestjs/swagger';
import openapiTS, { astToString } from 'openapi-typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { ModelsInService } from '#recommender';
import { ModelRegistry } from '#registry';
import { startTestApi, type TestApi } from '../../support/api.js';
import { trainRingModel } from '../../support/tiny-model.js';
import { shopProgram, wrongLines } from './client-program.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const runFile = promisify(execFile);

let api: TestApi;
let document: OpenAPIObject;

beforeAll(async () => {
  api = await startTestApi();
  document = (await api.ask('GET', '/docs-json', { key: null })).body as OpenAPIObject;
  return () => api.stop();
});

interface Operation {
  readonly operationId?: string;
  readonly security?: object[];
  readonly responses: Record<string, { $ref?: string; content?: object; description?: string }>;
}

const operations = (): (Operation & { name: string })[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ ...(operation as Operation), name: `${method} ${path}` })),
  );

it('is a valid OpenAPI document', async () => {
  expect(await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>)).toEqual({
    valid: true,
  });
});

it('names every operation, its keys, what it gives and what can go wrong', () => {
  const names = operations().map(({ operationId }) => operationId ?? '');
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
  for (const { name, security, responses } of operations()) {
    expect({ name, security }).toEqual({ name, security: expect.any(Array) as object[] });
    for (const [status, response] of Object.entries(responses)) {
      if (status.startsWith('2') && status !== '204') {
        expect({ name, content: response.content }).toEqual({ name, content: expect.any(Object) as object });
      }
    }
    expect(Object.keys(responses)).toContain('503');
    if (name.includes('/v1/')) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['401', '403', '429']));
  }
  const problems = document.components?.responses ?? {};
  expect(JSON.stringify(problems.BadRequest)).toContain('#/components/schemas/Problem');
});

it('says of the fields of requests what is checked', () => {
  const schemas = document.components?.schemas as Record<string, { properties: Record<string, object> }>;
  expect(schemas.EventDto).toMatchObject({ additionalProperties: false });
  expect(schemas.EventDto?.properties).toMatchObject({
    visitorId: { type: 'string', minLength: 1, maxLength: 256 },
    userId: { type: 'string', maxLength: 256, nullable: true },
    currency: { type: 'string', pattern: '^[A-Z]{3}$', nullable: true },
    consent: { type: 'boolean', nullable: true },
    occurredAt: { type: 'string', format: 'date-time' },
  });
  expect(schemas.EventItemDto?.properties.quantity).toMatchObject({
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000_000,
  });
  expect(schemas.RecommendationsRequestDto?.properties.items).toMatchObject({
    type: 'array',
    maxItems: 1_000,
    items: { type: 'string', maxLength: 256 },
  });
});

describe('a TypeScript client that is generated from the document', () => {
  let folder: string;

  beforeAll(async () => {
    const { draft, files } = await trainRingModel();
    await api.app.get(ModelRegistry).saveAndPromote('default', draft, files, 'test');
    await api.app.get(ModelsInService).refresh();
    folder = await mkdtemp(join(tmpdir(), 'nextpick-client-'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    // A field with a default need not be sent.
    const types = await openapiTS(JSON.stringify(document), { defaultNonNullable: false });
    await writeFile(join(folder, 'api.ts'), astToString(types));
    await mkdir(join(folder, 'built'));
    return () => rm(folder, { recursive: true, force: true });
  });

  /** Compiles a program strictly. @returns what the compiler has against it */
  async function compile(program: string): Promise<string> {
    await writeFile(join(folder, 'shop.ts'), program);
    const options = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--module', 'nodenext'];
    const target = ['--target', 'es2023', '--types', 'node', '--outDir', 'built', 'shop.ts'];
    try {
      await runFile(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, ...target], {
        cwd: folder,
      });
      return '';
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  }

  it('compiles strictly with a shop’s program, and works with the API', async () => {
    expect(await compile(shopProgram)).toBe('');
    const { stdout } = await runFile(process.execPath, [join(folder, 'built/shop.js'), api.url, api.secretKey]);
    expect(JSON.parse(stdout)).toEqual({
      items: { accepted: 2, rejected: [] },
      events: { accepted: 1, duplicates: 0, withheld: 0, rejected: [] },
      recommended: expect.stringMatching(/^ring-\d+$/) as string,
      model: expect.stringMatching(/./) as string,
      inService: expect.stringMatching(/./) as string,
      problem: { status: 400, code: 'invalid_request', fields: ['count'] },
      deleted: 204,
      live: 'live',
    });
  });

  it('does not compile with what the API does not take or give', async () => {
    const faults = await compile(`${shopProgram}${wrongLines.map(([line]) => `{ ${line} }`).join('\n')}`);
    const before = shopProgram.split('\n').length;
    const told = wrongLines.map(([line], i) => ({
      line,
      fault: faults.split('\n').find((each) => each.startsWith(`shop.ts(${before + i},`)) ?? 'none',
    }));
    expect(told).toEqual(wrongLines.map(([line, tells]) => ({ line, fault: expect.stringMatching(tells) as string })));
  });
});
