import type { Page } from 'playwright-core';
import type { ShownFigure } from './report-figures.js';

/** Everything on a report page that is said to show something of its JSON. */
export function figuresOf(page: Page): Promise<ShownFigure[]> {
  return page.evaluate<ShownFigure[]>(`
    [...document.querySelectorAll('[data-figure]')].map((element) => ({
      path: element.dataset.figure,
      text: element.textContent,
    }))`);
}

/** A bar, and how long it is in pixels. */
export interface DrawnBar {
  readonly path: string;
  readonly length: number;
}

/** The bars of every chart that has some, and the small ones of every table, standing or lying. */
export function barsOf(page: Page): Promise<DrawnBar[][]> {
  return page.evaluate<DrawnBar[][]>(`
    [...document.querySelectorAll('svg.chart, table')]
      .map((drawing) =>
        [...drawing.querySelectorAll('[data-bar]')].map((bar) => {
          const { width, height } = bar.getBoundingClientRect();
          const path = bar.dataset.bar;
          return { path, length: path.startsWith('popularity.') ? height : (width / scaleOf(bar)) * 100 };
        }),
      )
      .filter((bars) => bars.length > 0);

    // Columns of a table differ in width: what counts there is the part of its track that a bar takes.
    function scaleOf(bar) {
      const track = bar.parentElement.querySelector('.track');
      return track ? track.getBoundingClientRect().width : 100;
    }`);
}

/** A dot of the chart with two axes: what its places say, and where they are in pixels. */
export type DrawnDot = Readonly<Record<'x' | 'y', { readonly path: string; readonly at: number }>>;

/** The dots of coverage against popularity. */
export function dotsOf(page: Page): Promise<DrawnDot[]> {
  return page.evaluate<DrawnDot[]>(`
    [...document.querySelectorAll('[data-x]')].map((dot) => {
      const { x, y } = dot.getBoundingClientRect();
      return { x: { path: dot.dataset.x, at: x }, y: { path: dot.dataset.y, at: y } };
    })`);
}

/** A chart as the browser laid it out. */
export interface DrawnChart {
  readonly label: string;
  readonly box: { readonly left: number; readonly right: number; readonly width: number; readonly height: number };
  /** How many lines, bars, dots and words it holds. */
  readonly drawn: number;
  /** Those of them that reach beyond its edge and so are cut off. */
  readonly outside: readonly string[];
}

/** Every chart, in the order of the page. */
export function chartsOf(page: Page): Promise<DrawnChart[]> {
  return page.evaluate<DrawnChart[]>(`
    [...document.querySelectorAll('svg.chart')].map((chart) => {
      const { left, right, top, bottom, width, height } = chart.getBoundingClientRect();
      const parts = [...chart.querySelectorAll('text, rect, line, path, polyline, circle')];
      const outside = parts.filter((part) => {
        const box = part.getBoundingClientRect();
        return box.left < left - 1 || box.right > right + 1 || box.top < top - 1 || box.bottom > bottom + 1;
      });
      return {
        label: chart.getAttribute('aria-label'),
        box: { left, right, width, height },
        drawn: parts.length,
        outside: outside.map((part) => part.outerHTML),
      };
    })`);
}
