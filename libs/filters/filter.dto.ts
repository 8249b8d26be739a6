import { ApiProperty, ApiPropertyOptional, getSchemaPath, ApiExtraModels } from '@nestjs/swagger';
import { FILTER_LIMITS } from './filter.js';

export const filterDescription = `Only items that it lets through come. A comparison is a field with one or more operators, \
\`{"field":"price","gte":10,"lt":20}\`; \`{"and":[...]}\`, \`{"or":[...]}\` and \`{"not":{...}}\` join them, at most \
${FILTER_LIMITS.depth} levels deep and with ${FILTER_LIMITS.conditions} comparisons in all. In the place of a value, \`{"context":"price"}\` is \
what the item looked at now, the newest of the session, has in that field, and \`{"context":"price","times":0.8}\` is 80% of it. \
A field that is a list fits if one entry does. A missing value, of either item, fits no operator but \`exists\`, so a \`not\` lets \
it through. Items that the catalogue does not have never fit.`;

class ContextValueDto {
  @ApiProperty({
    description: 'A field of the item looked at now, of the same kind as the one compared.',
    example: 'price',
  })
  context!: string;

  @ApiPropertyOptional({ description: 'Multiplies it.', example: 0.8 })
  times?: number;
}

const context = { $ref: getSchemaPath(ContextValueDto) };
const anyValue = { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }, context] };
const ordered = { oneOf: [{ type: 'string' }, { type: 'number' }, context] };

/** What the document says of a filter; `parseFilter` has the rules. */
@ApiExtraModels(ContextValueDto)
export class FilterDto {
  @ApiPropertyOptional({ description: 'All of them fit.', type: () => [FilterDto], minItems: 1 })
  and?: FilterDto[];

  @ApiPropertyOptional({ description: 'One of them fits.', type: () => [FilterDto], minItems: 1 })
  or?: FilterDto[];

  @ApiPropertyOptional({ description: 'It does not fit.', type: () => FilterDto })
  not?: FilterDto;

  @ApiPropertyOptional({
    description:
      'itemId, title, url, imageUrl, price, currency, categories, available, availableFrom, availableUntil, or attributes.NAME (attributes.size.litres for what is nested).',
    example: 'price',
  })
  field?: string;

  @ApiPropertyOptional({ description: 'The same value.', ...anyValue })
  eq?: unknown;

  @ApiPropertyOptional({
    description: 'One of these values.',
    oneOf: [
      {
        type: 'array',
        items: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }] },
        maxItems: FILTER_LIMITS.values,
      },
      context,
    ],
  })
  in?: unknown;

  @ApiPropertyOptional({
    description: 'Larger. Times are ISO 8601; texts in attributes are in order of UTF-16.',
    ...ordered,
  })
  gt?: unknown;

  @ApiPropertyOptional({ description: 'Larger or the same.', ...ordered })
  gte?: unknown;

  @ApiPropertyOptional({ description: 'Smaller.', ...ordered })
  lt?: unknown;

  @ApiPropertyOptional({ description: 'Smaller or the same.', ...ordered })
  lte?: unknown;

  @ApiPropertyOptional({ description: 'Whether there is a value. Stands alone.' })
  exists?: boolean;
}
