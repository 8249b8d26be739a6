import type { Random } from '#domain';
import { oneOf } from './wrong-request.js';

/** A field's name and a value that it can be compared with, as JSON. */
const comparable = [
  ['price', '20'],
  ['availableFrom', '"2026-01-31T12:30:00Z"'],
  ['attributes.size.litres', '1.7'],
] as const;
const texts = ['title', 'itemId', 'categories', 'currency', 'url'] as const;

/** A comparison that is right. */
function rightCondition(random: Random): string {
  const [field, value] = oneOf(random, comparable);
  return oneOf(random, [
    `{"field":"${field}","${oneOf(random, ['lt', 'lte', 'gt', 'gte'])}":${value}}`,
    `{"field":"${field}","gte":${value},"lt":${value}}`,
    `{"field":"${oneOf(random, texts)}","eq":"EUR"}`,
    `{"field":"${oneOf(random, texts)}","in":["EUR","USD"]}`,
    `{"field":"available","eq":true}`,
    `{"field":"title","exists":true}`,
    `{"field":"price","lt":{"context":"price","times":0.8}}`,
  ]);
}

/** A comparison with one thing wrong in it, and what that is. */
const wrongConditions: readonly (readonly [string, (random: Random) => string])[] = [
  ['a list for a filter', (random) => `[${rightCondition(random)}]`],
  ['no object for a filter', (random) => oneOf(random, ['7', '"price < 20"', 'true', '[]', '""'])],
  ['no field', (random) => oneOf(random, ['{}', '{"lt":20}', '{"eq":"x"}', '{"field":null,"eq":1}'])],
  ['no operator', (random) => `{"field":"${oneOf(random, texts)}"}`],
  [
    'an unknown field',
    (random) =>
      `{"field":${JSON.stringify(
        oneOf(random, [
          'prise',
          '',
          'Price',
          'attributes',
          'attributes.',
          'attributes..a',
          '__proto__',
          'constructor',
          'store',
          'x'.repeat(5_000),
          'price; --',
          '\0',
        ]),
      )},"exists":true}`,
  ],
  [
    'a field that is no text',
    (random) => `{"field":${oneOf(random, ['7', '[]', '{}', 'true', 'null', '["price"]'])},"eq":1}`,
  ],
  [
    'an unknown operator',
    (random) =>
      `{"field":"price","lt":20,${JSON.stringify(
        oneOf(random, [
          'ne',
          'EQ',
          '$gt',
          'like',
          'regex',
          '__proto__',
          'constructor',
          '',
          'x'.repeat(2_000),
          'toString',
        ]),
      )}:1}`,
  ],
  ['exists beside another', (random) => `{"field":"price","exists":true,"${oneOf(random, ['lt', 'gt', 'lte'])}":1}`],
  [
    'exists that is not true or false',
    (random) => `{"field":"price","exists":${oneOf(random, ['1', '"true"', 'null', '[]', '{}'])}}`,
  ],
  [
    'an order of texts',
    (random) => `{"field":"${oneOf(random, texts)}","${oneOf(random, ['lt', 'gt', 'gte', 'lte'])}":"a"}`,
  ],
  [
    'an order of true and false',
    (random) => `{"field":"available","${oneOf(random, ['lt', 'gt', 'gte', 'lte'])}":true}`,
  ],
  ['a value of another kind', (random) => oneOf(random, [
    '{"field":"price","eq":"20"}', '{"field":"price","lt":null}', '{"field":"price","gt":true}', '{"field":"price","lt":1e999}', '{"field":"title","eq":5}',
    '{"field":"title","eq":null}', '{"field":"available","eq":"true"}', '{"field":"available","eq":1}', '{"field":"availableFrom","lt":"yesterday"}',
    '{"field":"availableFrom","lt":5}', '{"field":"availableUntil","gt":"2026-02-30T00:00:00Z"}', '{"field":"attributes.a","eq":null}', '{"field":"attributes.a","lt":true}',
    '{"field":"price","eq":[1]}', '{"field":"title","eq":["a"]}',
  ])], // prettier-ignore
  ['no list for in', (random) => `{"field":"title","in":${oneOf(random, ['"a"', '7', 'null', 'true'])}}`],
  [
    'a wrong value in a list',
    (random) => `{"field":"title","in":["a",${oneOf(random, ['7', 'null', '[]', '{}', 'true'])}]}`,
  ],
  ['too long a list', () => `{"field":"title","in":[${Array.from({ length: 1_001 }, (_, i) => `"${i}"`).join(',')}]}`],
  ['too long a text', (random) => `{"field":"title","eq":"${'x'.repeat(oneOf(random, [5_000, 20_000]))}"}`],
  ['a wrong context', (random) => `{"field":"price","lt":${oneOf(random, [
    '{}', '{"context":"title"}', '{"context":"none"}', '{"context":7}', '{"context":null}', '{"times":2}', '{"context":"price","times":"2"}', '{"context":"price","times":null}',
    '{"context":"price","times":1e999}', '{"context":"price","plus":1}', '{"context":"price","__proto__":{}}', '{"context":["price"]}', '{"context":"availableFrom"}',
  ])}}`], // prettier-ignore
  ['a multiple of what is no number', (random) => oneOf(random, [
    '{"field":"title","eq":{"context":"title","times":2}}', '{"field":"availableFrom","lt":{"context":"availableFrom","times":2}}', '{"field":"title","in":{"context":"categories","times":2}}',
  ])], // prettier-ignore
  ['a group beside another', (random) => oneOf(random, [
    `{"and":[${rightCondition(random)}],"or":[${rightCondition(random)}]}`, `{"not":${rightCondition(random)},"field":"price","lt":1}`, `{"or":[${rightCondition(random)}],"x":1}`,
  ])], // prettier-ignore
  [
    'an empty group',
    (random) =>
      oneOf(random, [
        '{"and":[]}',
        '{"or":[]}',
        '{"not":{}}',
        '{"not":[]}',
        '{"and":{}}',
        '{"or":null}',
        '{"and":"x"}',
        '{"not":null}',
      ]),
  ],
  [
    'too many comparisons',
    (random) =>
      `{"or":[${Array(oneOf(random, [51, 60, 500]))
        .fill(rightCondition(random))
        .join(',')}]}`,
  ],
  ['too deep', (random) => {
    const levels = oneOf(random, [6, 7, 12, 200, 5_000]);
    return `${'{"not":'.repeat(levels)}${rightCondition(random)}${'}'.repeat(levels)}`;
  }], // prettier-ignore
];

/** A filter that is refused, as JSON: one wrong comparison among right ones, in groups up to three deep. */
export function wrongFilter(random: Random): { fault: string; text: string } {
  const [fault, write] = oneOf(random, wrongConditions);
  let text = write(random);
  for (let levels = random.integer(3); levels > 0; levels -= 1) {
    const beside = Array.from({ length: random.integer(3) }, () => rightCondition(random));
    beside.splice(random.integer(beside.length + 1), 0, text);
    text = oneOf(random, [`{"and":[${beside.join(',')}]}`, `{"or":[${beside.join(',')}]}`, `{"not":${text}}`]);
  }
  return { fault: `a filter with ${fault}`, text };
}
