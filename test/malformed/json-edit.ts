/** Where in a JSON value: names of fields and places in lists. */
export type Path = readonly (string | number)[];

/** A change of the text of a JSON value, for what no value can be: two fields of one name, half a character, NaN. */
export type Edit =
  | { readonly kind: 'replace'; readonly path: Path; readonly text: string }
  | { readonly kind: 'remove'; readonly path: Path }
  /** Adds members, such as `"a":1`, at the end of the object at the path. */
  | { readonly kind: 'add'; readonly path: Path; readonly text: string };

/** A value as JSON, but for one edit. */
export function editedJson(value: unknown, edit: Edit, path: Path = []): string {
  const here = same(path, edit.path);
  if (here && edit.kind === 'replace') return edit.text;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .map(([name, child]) => ({
      name,
      child: child as unknown,
      at: [...path, Array.isArray(value) ? Number(name) : name],
    }))
    .filter(({ at }) => edit.kind !== 'remove' || !same(at, edit.path));
  const written = entries.map(({ name, child, at }) => {
    const text = editedJson(child, edit, at);
    return Array.isArray(value) ? text : `${JSON.stringify(name)}:${text}`;
  });
  if (here && edit.kind === 'add') written.push(edit.text);
  return Array.isArray(value) ? `[${written.join(',')}]` : `{${written.join(',')}}`;
}

const same = (a: Path, b: Path): boolean => a.length === b.length && a.every((step, i) => step === b[i]);
