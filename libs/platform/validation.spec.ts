import { IsArray, IsInt, IsOptional, Min, ValidateNested } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { checkContract, IsIdentifier, rejectionOf } from './validation.js';

class Part {
  @IsIdentifier()
  name!: string;

  @IsOptional()
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be at least 1' })
  count?: number;
}

class Whole {
  @IsIdentifier()
  id!: string;

  @IsOptional()
  @IsIdentifier({ each: true })
  tags?: string[];

  @IsOptional()
  @IsArray({ message: 'must be a list' })
  @ValidateNested({ each: true, message: 'must be a list of objects' })
  parts?: Part[];
}

const check = (plain: unknown): string[] =>
  checkContract(Whole, plain, { parts: Part }).faults?.map(({ message }) => message) ?? [];

describe('checkContract', () => {
  it('gives an object of the class', () => {
    const { value } = checkContract(Whole, { id: 'a', tags: ['b'], parts: [{ name: 'p', count: 2 }] }, { parts: Part });
    expect(value).toBeInstanceOf(Whole);
    expect(value?.parts?.[0]).toBeInstanceOf(Part);
    expect(value).toEqual({ id: 'a', tags: ['b'], parts: [{ name: 'p', count: 2 }] });
  });

  it('names the field of each fault, within lists too', () => {
    expect(check({})).toEqual(['id must be a text']);
    expect(check({ id: 'a', tags: ['b', ''] })).toEqual(['tags each of it must not be empty']);
    expect(check({ id: 'a', parts: 'p' })).toEqual(expect.arrayContaining(['parts must be a list']) as string[]);
    expect(check({ id: 'a', parts: [{ name: 'p' }, { name: 'q', count: 0 }] })).toEqual([
      'parts[1].count must be at least 1',
    ]);
    expect(check({ id: 'a', parts: [7] })).toEqual(['parts[0] must be a list of objects']);
  });

  it('refuses unknown fields, in lists too, and those that every object has', () => {
    expect(check({ id: 'a', idd: 'b' })).toEqual(['idd is not a known field']);
    expect(check({ id: 'a', parts: [{ name: 'p', constructor: 'x' }] })).toEqual([
      'parts[0].constructor is not a known field',
    ]);
    expect(check(JSON.parse('{"id":"a","__proto__":{"tags":7}}'))).toEqual(['__proto__ is not a known field']);
  });

  it.each([null, undefined, 7, 'text', [], [{ id: 'a' }]])('refuses %j as a whole', (plain) => {
    expect(check(plain)).toEqual(['it must be an object']);
  });
});

describe('rejectionOf', () => {
  it('tells the kind by the first fault and shows three of them', () => {
    const faults = ['a', 'b', 'c', 'd', 'e'].map((field) => ({
      field,
      message: `${field} is wrong`,
      unknownField: field === 'a',
    }));
    expect(rejectionOf(faults)).toEqual({
      code: 'unknown_field',
      message: 'a is wrong; b is wrong; c is wrong; and 2 more',
    });
  });
});
