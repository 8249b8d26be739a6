import { inspect } from 'node:util';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Random } from '#domain';
import { ContractRules } from './contract-rules.js';
import { IsIdentifier } from './validation.js';

class Part {
  @IsIdentifier()
  name!: unknown;

  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(9)
  count?: unknown;
}

class Base {
  @IsIdentifier()
  id!: unknown;

  @IsOptional()
  @IsNumber()
  price?: unknown;
}

class Whole extends Base {
  @IsIn(['a', 'b'])
  kind!: unknown;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(2)
  @IsIdentifier({ each: true })
  tags?: unknown;

  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ValidateNested({ each: true })
  parts?: unknown;

  @ValidateIf((whole: Whole) => whole.kind === 'a')
  @ValidateNested()
  part?: unknown;

  @IsOptional()
  @Matches(/^[A-Z]{3}$/)
  currency?: unknown;

  @IsOptional()
  @IsString()
  @MaxLength(3)
  title?: unknown;

  @IsOptional()
  @IsUrl()
  url?: unknown;

  @IsOptional()
  @IsBoolean()
  flag?: unknown;

  @IsOptional()
  @IsObject()
  attributes?: unknown;
}

class Other {
  @IsDefined()
  id!: unknown;
}

const part = (fields: object): Part => Object.assign(new Part(), fields);
const parts = [part({ name: 'p' }), part({ name: 'p', count: 2 }), part({ name: 'p', count: 10 }), part({ count: 1 })];
const texts = ['', 'a', 'b', 'EUR', 'long text', 'a\u0000', 'https://shop.example/a'];
const jsonValues: readonly unknown[] = [
  ...[undefined, null, true, false, 0, 1, -1, 9.5, Number.NaN, Number.POSITIVE_INFINITY, {}, [], [null], [7]],
  ...texts,
  ...texts.map((text) => [text]),
  ...[['a', 'b', 'c'], ['a', 7], { name: 'p' }, [{ name: 'p' }]],
  ...parts,
  ...parts.map((entry) => [entry]),
  ...[parts.slice(0, 2), parts, [parts[0], null], [parts[0], 7]],
];
const otherValues: readonly unknown[] = [
  ...[1n, new Date(0), new Set(['a']), new Set([7]), new Map([['a', 'b']]), new Set(parts), new Map([[1, parts[0]]])],
  ...[[[]], [undefined], [parts[0], undefined], [[parts[0]]], Symbol('a'), (): unknown => 1],
];
const fields = ['id', 'price', 'kind', 'tags', 'parts', 'part', 'currency', 'title', 'url', 'flag', 'attributes'];

/** 10,000 instances with some wrong fields, and whether class-validator takes them. */
function* instances(seed: number, values: readonly unknown[]): Generator<{ whole: Whole; good: boolean }> {
  const random = new Random(seed);
  for (let i = 0; i < 10_000; i++) {
    const whole = Object.assign(new Whole(), { id: 'i', kind: random.integer(2) === 0 ? 'a' : 'b', part: parts[0] });
    for (let changes = random.integer(4); changes > 0; changes--) {
      const field = fields[random.integer(fields.length)] ?? '';
      Object.assign(whole, { [field]: values[random.integer(values.length)] });
    }
    yield { whole, good: validateSync(whole).length === 0 };
  }
}

describe('ContractRules', () => {
  const rules = ContractRules.of(Whole);

  it('come to the verdict of class-validator for all that JSON can hold', () => {
    const verdicts = { good: 0, bad: 0 };
    for (const { whole, good } of instances(11, jsonValues)) {
      expect(rules.passes(whole), inspect(whole)).toBe(good);
      verdicts[good ? 'good' : 'bad'] += 1;
    }
    expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(2000);
  });

  it('pass nothing that class-validator refuses, whatever the value', () => {
    let passed = 0;
    for (const { whole, good } of instances(12, otherValues)) {
      if (!rules.passes(whole)) continue;
      passed += 1;
      expect(good, inspect(whole)).toBe(true);
    }
    expect(passed).toBeGreaterThan(2000);
  });

  it('leave a class with rules of another kind to class-validator', () => {
    expect(ContractRules.of(Other).passes(Object.assign(new Other(), { id: 1 }))).toBe(false);
  });

  it('name the fields, inherited ones too', () => {
    expect([...rules.fields].sort()).toEqual([...fields].sort());
  });
});
