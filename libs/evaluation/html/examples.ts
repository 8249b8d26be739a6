import type { EvaluationReport, ExampleItem } from '../report.js';
import { count, figure, foreignText } from './figures.js';
import { markup, type Markup } from './markup.js';

/** Sessions with what came next and what was recommended, the hit marked. */
export function exampleCards({ examples, cutoff }: EvaluationReport): Markup {
  const cards = examples.map(({ seen, target, rank, recommended }, index) => {
    const path = `examples.${index}`;
    const verdict =
      rank === null
        ? markup`<span class="verdict miss">not among the first ${figure('cutoff', String(cutoff))}</span>`
        : markup`<span class="verdict hit">recommended at place ${figure(`${path}.rank`, count(rank))}</span>`;
    const answer = recommended.map((item, place) => {
      const hit = item.itemId === target.itemId;
      return markup`<li${hit ? markup` class="hit"` : null}>${titleOf(`${path}.recommended.${place}`, item)}${hit ? markup` <span class="mark">✓ came next</span>` : null}</li>`;
    });
    return markup`<article class="card">
<h3>Seen</h3><ol class="seen">${seen.map((item, place) => markup`<li>${titleOf(`${path}.seen.${place}`, item)}</li>`)}</ol>
<h3>Came next</h3><p>${titleOf(`${path}.target`, target)}<br>${verdict}</p>
<h3>Recommended</h3><ol class="recommended">${answer}</ol>
</article>`;
  });
  return markup`<div class="cards">${cards}</div>`;
}

/** The title, or the id of an item without one. */
function titleOf(path: string, { itemId, title }: ExampleItem): Markup {
  return title === null ? foreignText(`${path}.itemId`, itemId) : foreignText(`${path}.title`, title);
}
