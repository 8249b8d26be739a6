import { expect, test } from 'vitest';
import { embeddedJson, markup, trusted } from './markup.js';

test('text is escaped, markup and numbers are taken as they are, lists are joined and null is nothing', () => {
  const inner = markup`<b title="${`"'<`}">${'<i> & co'}</b>`;
  expect(String(inner)).toBe('<b title="&quot;&#39;&lt;">&lt;i&gt; &amp; co</b>');
  expect(String(markup`<p>${[inner, 1.5, null, ['<']]}${trusted('<hr>')}${null}</p>`)).toBe(
    `<p>${String(inner)}1.5&lt;<hr></p>`,
  );
});

test('embedded JSON cannot end its element and reads as it was', () => {
  const value = { title: '</script><!-- & \u2028\u2029 "quoted" \\u003c' };
  const text = String(embeddedJson(value));
  expect(text).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(value);
});
