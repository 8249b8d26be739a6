/** Something that a report page shows, and the path to it in the report's JSON. */
export interface ShownFigure {
  readonly path: string;
  readonly text: string;
}

const moments = /^(createdAt|data\.from|data\.until)$/;
const wholeNumbers = /^cutoff$|^data\.|\.(cases|epoch|band|rank)$/;
const percentages =
  /\.(precision|reciprocalRank|discountedGain|coverage|diversity)(\.(value|low|high))?$|^popularity\.\d+\.(clicks|targets|recommended)$/;

/** What is wrong with what a page shows of a report's JSON, a line each; empty when all is right. */
export function wrongFigures(report: unknown, shown: readonly ShownFigure[]): string[] {
  return shown.flatMap(({ path, text }) => {
    const value = valueAt(report, path);
    return showsRight(path, text, value)
      ? []
      : [`${path}: ${JSON.stringify(value)} is shown as ${JSON.stringify(text)}`];
  });
}

/** The paths in a report's JSON that a page must show: all, but an id beside its title and an interval that was not taken. */
export function pathsToShow(report: unknown): string[] {
  return leaves(report, '').filter((path) => {
    const sibling = (key: string) => valueAt(report, path.replace(/[^.]+$/, key));
    if (path === 'formatVersion') return false;
    if (path.endsWith('.itemId')) return sibling('title') === null;
    if (path.endsWith('.low') || path.endsWith('.high')) return sibling('low') !== sibling('high');
    return valueAt(report, path) !== null;
  });
}

/** The value in a JSON document that a path such as `rankers.0.name` leads to; undefined when there is none. */
export function valueAt(json: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
      json,
    );
}

function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

function showsRight(path: string, text: string, value: unknown): boolean {
  if (typeof value === 'string') return text === (moments.test(path) ? value.slice(0, 16).replace('T', ' ') : value);
  if (typeof value !== 'number') return false;
  if (wholeNumbers.test(path)) return text === new Intl.NumberFormat('en-US').format(value);
  const [, whole, digits] = /^(\d+)\.(\d{2,})%?$/.exec(text) ?? [];
  if (whole === undefined || digits === undefined) return false;
  const percentage = percentages.test(path);
  const bound = path.endsWith('.low') || path.endsWith('.high');
  if (text.endsWith('%') !== (percentage && !bound)) return false;
  if (percentage && digits.length !== 2) return false;
  return Math.abs(Number(`${whole}.${digits}`) - value * (percentage ? 100 : 1)) <= 0.500001 * 10 ** -digits.length;
}
