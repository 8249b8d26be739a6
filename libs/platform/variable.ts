/** An environment variable and how its text becomes a setting. */
export interface Variable {
  readonly name: string;
  readonly parse: (text: string) => unknown;
  /** Its value is never shown. */
  readonly secret?: boolean;
}

/** A number, or NaN for a text that is none, so that validation can name the variable. */
export const asNumber = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));
