/** Prints figures as a table; with `json` the last line is the same as one object. */
export function printFigures(figures: Readonly<Record<string, number>>, json: boolean): void {
  const rounded = Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100] as const);
  const width = Math.max(...rounded.map(([name]) => name.length));
  for (const [name, value] of rounded)
    console.log(`${name.padEnd(width)}  ${value.toLocaleString('en-US').padStart(12)}`);
  if (json) console.log(JSON.stringify(Object.fromEntries(rounded)));
}
