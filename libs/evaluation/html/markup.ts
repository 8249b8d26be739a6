/** Finished HTML or SVG. Only {@link markup} and {@link trusted} make it, so whatever is a plain string gets escaped. */
export class Markup {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text (escaped), numbers, finished markup, lists of these; null leaves nothing. */
export type Part = Markup | string | number | null | readonly Part[];

/** The tag of a template that becomes HTML or SVG; every text in it is escaped, for content and for quoted attributes. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    strings.map((piece, index) => piece + (index < parts.length ? render(parts[index] ?? null) : '')).join(''),
  );
}

/** Takes text as markup as it is; never for text that comes from data. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

/** A value as JSON that may stand within a `script` element: nothing in it can end the element or open a comment. */
export function embeddedJson(value: object): Markup {
  const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return new Markup(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicode));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return part.replace(/[&<>"']/g, (character) => entities[character] ?? '');
  if (typeof part === 'number' || part instanceof Markup) return part.toString();
  return part.map(render).join('');
}
