import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '#evaluation';
import { ModelRegistry } from '#registry';
import { startTestApi, type TestApi } from '../../support/api.js';
import { openBrowser, type TestBrowser } from '../../support/browser.js';
import { pathsToShow, valueAt, wrongFigures } from '../../support/report-figures.js';
import { barsOf, chartsOf, dotsOf, figuresOf } from '../../support/report-page.js';
import { hostileTitles, sampleReport } from '../../support/sample-report.js';
import { trainRingModel, type RingModel } from '../../support/tiny-model.js';

let api: TestApi;
let testBrowser: TestBrowser;
let registry: ModelRegistry;
let ring: RingModel;
/** A version with a report. */
let version: string;

beforeAll(async () => {
  testBrowser = await openBrowser();
  return () => testBrowser.close();
});

beforeAll(async () => {
  api = await startTestApi();
  return () => api.stop();
});

beforeAll(async () => {
  ring = await trainRingModel();
  registry = api.app.get(ModelRegistry);
  const report = sampleReport();
  const stored = { report, page: renderReport(report) };
  version = await registry.saveAndPromote('default', ring.draft, ring.files, 'test', stored);
});

const reportPath = (of: string) => `/v1/models/${of}/report`;

async function getReport(accept: string, of = version): Promise<Response> {
  return fetch(api.url + reportPath(of), { headers: { accept, authorization: `Bearer ${api.secretKey}` } });
}

interface Visit {
  readonly page: Page;
  /** What the page asked for, itself included. */
  readonly requests: string[];
  /** Errors that a script or the console told of. */
  readonly errors: string[];
}

/** Opens an address in a window of its own, which the end of `look` closes. */
async function visit<T>(
  url: string,
  { width, colorScheme = 'light' }: { width: number; colorScheme?: 'light' | 'dark' },
  look: (visit: Visit) => Promise<T>,
): Promise<T> {
  const context = await testBrowser.browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  try {
    const page = await context.newPage();
    await page.setExtraHTTPHeaders({ authorization: `Bearer ${api.secretKey}` });
    const [requests, errors]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) errors.push(message.text());
    });
    await page.goto(url);
    return await look({ page, requests, errors });
  } finally {
    await context.close();
  }
}

describe('the page, in a browser', () => {
  test('shows what the JSON of the same address says, all of it', async () => {
    const json: unknown = await (await getReport('application/json')).json();
    expect(json).toEqual(sampleReport());
    await visit(api.url + reportPath(version), { width: 1200 }, async ({ page }) => {
      const figures = await figuresOf(page);
      expect(wrongFigures(json, figures)).toEqual([]);
      const shown = new Set(figures.map(({ path }) => path));
      expect(pathsToShow(json).filter((path) => !shown.has(path))).toEqual([]);
      expect(JSON.parse((await page.locator('#report').textContent()) ?? '')).toEqual(json);
    });
  });

  test('draws bars as long, and dots as far, as the JSON says', async () => {
    const json: unknown = await (await getReport('application/json')).json();
    const number = (path: string) => valueAt(json, path) as number;
    await visit(api.url + reportPath(version), { width: 1200 }, async ({ page }) => {
      const drawings = await barsOf(page);
      expect(drawings.length).toBeGreaterThanOrEqual(9);
      for (const bars of drawings) {
        const longest = bars.reduce((a, b) => (number(b.path) > number(a.path) ? b : a));
        expect(longest.length).toBeGreaterThan(40);
        for (const { path, length } of bars) {
          expect({ path, off: Math.abs(length - (longest.length * number(path)) / number(longest.path)) > 1 }).toEqual({
            path,
            off: false,
          });
        }
      }
      const dots = await dotsOf(page);
      expect(dots).toHaveLength(sampleReport().rankers.length);
      for (const axis of ['x', 'y'] as const) {
        const inOrder = dots.toSorted((a, b) => number(a[axis].path) - number(b[axis].path)).map((dot) => dot[axis].at);
        expect(inOrder).toEqual(inOrder.toSorted((a, b) => (axis === 'x' ? a - b : b - a)));
      }
    });
  });

  test.each([
    { width: 1200, colorScheme: 'light' },
    { width: 1200, colorScheme: 'dark' },
    { width: 390, colorScheme: 'light' },
    { width: 390, colorScheme: 'dark' },
    { width: 320, colorScheme: 'light' },
  ] as const)('is whole at $width pixels, $colorScheme', async (how) => {
    await visit(api.url + reportPath(version), how, async ({ page, errors, requests }) => {
      expect(errors).toEqual([]);
      expect(requests).toEqual([api.url + reportPath(version)]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(how.width);
      const charts = await chartsOf(page);
      expect(charts).toHaveLength(7);
      for (const { label, box, outside, drawn } of charts) {
        expect(box.width, label).toBeGreaterThan(200);
        expect(box.height, label).toBeGreaterThan(100);
        expect(box.left, label).toBeGreaterThanOrEqual(0);
        expect(box.right, label).toBeLessThanOrEqual(how.width);
        expect(drawn, label).toBeGreaterThan(5);
        expect(outside, label).toEqual([]);
      }
      const [text, background] = await page.evaluate<[string, string]>(
        `(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))`,
      );
      const [light, dark] = how.colorScheme === 'light' ? [background, text] : [text, background];
      expect(brightness(light)).toBeGreaterThan(brightness(dark) + 180);
    });
  });

  test('takes item titles for text, whatever they hold', async () => {
    await visit(api.url + reportPath(version), { width: 1200 }, async ({ page }) => {
      const shown = await page.locator('bdi').allTextContents();
      expect(shown).toEqual(expect.arrayContaining([...hostileTitles]));
      await page.locator('article').nth(1).hover();
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.locator('script, img').count()).toBe(1);
      const hit = page.locator('article').nth(1).locator('li.hit');
      expect(await hit.locator('bdi').allTextContents()).toEqual([hostileTitles[1]]);
      expect(await page.locator('article').last().locator('li.hit').count()).toBe(0);
    });
  });

  test('runs no script even if one got into it', async () => {
    const page = `<!doctype html><title>x</title><p>read</p><script>document.title = 'ran'; window.hacked = 1</script>
<img src="data:,x" onerror="window.hacked = 2">`;
    const other = await registry.save('default', ring.draft, ring.files, { report: {}, page });
    await visit(api.url + reportPath(other), { width: 800 }, async ({ page, errors }) => {
      expect(await page.locator('p').textContent()).toBe('read');
      expect(await page.title()).toBe('x');
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(errors.join('\n')).toContain('Content Security Policy');
    });
  });

  test('opens from a file, without a server', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nextpick-report-'));
    try {
      const file = join(folder, 'report.html');
      await writeFile(file, await (await getReport('text/html')).text());
      await visit(pathToFileURL(file).href, { width: 1200 }, async ({ page, errors, requests }) => {
        expect(await page.locator('[data-figure="rankers.0.name"]').textContent()).toBe('blend');
        expect(await page.locator('svg.chart').count()).toBe(7);
        expect(errors).toEqual([]);
        expect(requests).toEqual([pathToFileURL(file).href]);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test.each([
  ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8'],
  ['*/*', 'text/html; charset=utf-8'],
  ['application/json', 'application/json; charset=utf-8'],
  ['application/json, text/plain, */*', 'application/json; charset=utf-8'],
])('who accepts %s gets %s', async (accept, type) => {
  const response = await getReport(accept);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(type);
  expect(response.headers.get('vary')).toMatch(/accept/i);
  if (type.startsWith('text/html')) {
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
  }
});

test('a model without a report is a problem that says how to make one, also for who accepts HTML', async () => {
  const bare = await registry.save('default', ring.draft, ring.files);
  for (const accept of ['text/html', 'application/json']) {
    const response = await getReport(accept, bare);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({
      code: 'report_not_found',
      detail: expect.stringContaining('evaluate') as string,
    });
  }
});

test('both forms are in the documentation', async () => {
  const { body } = await api.ask('GET', '/docs-json', { key: null });
  const content = valueAt(body, 'paths./v1/models/{version}/report.get.responses.200.content');
  expect(Object.keys(content as object).sort()).toEqual(['application/json', 'text/html']);
});

/** The mean of a colour's three parts, 0 to 255. */
function brightness(color: string): number {
  const [red = NaN, green = NaN, blue = NaN] = [...color.matchAll(/\d+/g)].map(Number);
  return (red + green + blue) / 3;
}
