/** A figure of an API's /metrics by its name and labels as they stand there; NaN when there is none. */
export async function figureOf(url: string, series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}
