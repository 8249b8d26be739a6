import { expect, test } from 'vitest';
import { contextIdOf, requestIdOf, requestIdsFrom } from './request-id.js';

const home = { placement: 'home', model: '20260131-1' };
const contextId = contextIdOf('shoes', home);
const at = Date.UTC(2026, 0, 31, 12, 30);

test('a request id is a UUID of version 8 with the time and the context in it', () => {
  for (let i = 0; i < 1_000; i += 1) {
    const id = requestIdOf(contextId, at);
    // RFC 9562: version 8 in the high bits of byte 6, the variant 10 in those of byte 8.
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toBe(at);
    expect(id.slice(-10)).toBe(contextId);
  }
});

test('request ids of one moment and context differ, and all their random bits take part', () => {
  const ids = Array.from({ length: 10_000 }, () => requestIdOf(contextId, at));
  expect(new Set(ids).size).toBe(ids.length);
  const random = ids.map((id) => BigInt(`0x${id.slice(14, 26).replaceAll('-', '')}`));
  const ever = random.reduce((bits, one) => bits | one, 0n);
  const always = random.reduce((bits, one) => bits & one);
  // 4 bits of version, 12 random, 2 of variant, 22 random: those that changed.
  expect((ever ^ always).toString(16)).toBe('fff3fffff');
});

test('request ids are in order of time, and begin as it does', () => {
  const times = [0, 1, 255, 256, at - 1, at, at + 1, Date.UTC(9999, 11, 31)];
  const ids = times.map((time) => requestIdOf(contextId, time));
  expect([...ids].sort()).toEqual(ids);
  times.forEach((time, i) => {
    const start = requestIdsFrom(time);
    expect(ids.filter((id) => id >= start)).toEqual(ids.slice(i));
  });
});

test('a context has the same id everywhere, and no other has it', () => {
  expect(contextId).toBe(contextIdOf('shoes', { ...home }));
  expect(contextId).toMatch(/^[0-9a-f]{10}$/);
  const others = [
    contextIdOf('hats', home),
    contextIdOf('shoes', { placement: null, model: home.model }),
    contextIdOf('shoes', { placement: 'null', model: home.model }),
    contextIdOf('shoes', { placement: 'home', model: null }),
    contextIdOf('shoes', { placement: home.model, model: home.placement }),
  ];
  expect(new Set([contextId, ...others]).size).toBe(6);
});
