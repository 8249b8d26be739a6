/** The part of JSON Schema that OpenAPI documents of ours use. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly example?: unknown;
  readonly default?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema?: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** An OpenAPI document. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A parameter with a value that fits. */
export interface KnownParameter {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly value: string;
}

/** One operation and a request to it that is right. */
export interface Route {
  readonly method: string;
  /** Such as `/v1/items/{id}`. */
  readonly template: string;
  readonly access: 'open' | 'public' | 'secret';
  readonly pathParameters: readonly KnownParameter[];
  readonly queryParameters: readonly KnownParameter[];
  /** Undefined for an operation without a body. */
  readonly body: { readonly schema: Schema; readonly value: Readonly<Record<string, unknown>> } | undefined;
  /** The field that lists records which stand each alone: a bad one is told in an answer that is otherwise good. */
  readonly records: string | undefined;
}

/** What an API promises to take, read from its OpenAPI document. */
export class Contract {
  readonly routes: readonly Route[];

  /**
   * @param known values of parameters that no example can name
   * @throws Error when an operation has no example to start from
   */
  constructor(
    private readonly document: OpenApi,
    known: Readonly<Record<string, string>>,
  ) {
    this.routes = Object.entries(document.paths).flatMap(([template, operations]) =>
      Object.entries(operations).map(([method, operation]) =>
        this.route(method.toUpperCase(), template, operation, known),
      ),
    );
  }

  /** The schema that a reference, or a single `allOf`, stands for. */
  resolve(schema: Schema): Schema {
    const { $ref: reference, allOf } = schema;
    if (reference !== undefined) {
      const found = this.document.components.schemas[nameOf(reference)];
      if (!found) throw new Error(`The document has no ${reference}`);
      return this.resolve(found);
    }
    return allOf?.length === 1 ? { ...this.resolve(allOf[0] as Schema), ...schema, allOf: [] } : schema;
  }

  /** Whether a schema is the one of filters, whose rules no JSON Schema can say. */
  isFilter(schema: Schema): boolean {
    return [schema, ...(schema.allOf ?? [])].some(({ $ref: reference = '' }) => nameOf(reference) === 'FilterDto');
  }

  private route(
    method: string,
    template: string,
    { security = [], parameters = [], requestBody, responses }: Operation,
    known: Readonly<Record<string, string>>,
  ): Route {
    const of = (place: string): KnownParameter[] =>
      parameters
        .filter((parameter) => parameter.in === place)
        .map((parameter) => this.parameter(parameter, known, `${method} ${template}`));
    const schema = requestBody?.content['application/json']?.schema;
    const body = schema && { schema, value: this.exampleBody(schema, `${method} ${template}`) };
    const schemes = security.flatMap((scheme) => Object.keys(scheme));
    return {
      method,
      template,
      access: schemes.length === 0 ? 'open' : schemes.includes('publicKey') ? 'public' : 'secret',
      pathParameters: of('path'),
      queryParameters: of('query'),
      body,
      records: body && this.tellsRejected(responses) ? this.recordsField(body.schema) : undefined,
    };
  }

  private parameter(
    { name, schema = {}, example, required = false }: Parameter,
    known: Readonly<Record<string, string>>,
    where: string,
  ): KnownParameter {
    const value = known[name] ?? example ?? schema.example ?? schema.default ?? schema.enum?.[0];
    if (value === undefined) throw new Error(`${where}: the parameter ${name} has no example`);
    return { name, schema: this.resolve(schema), required, value: text(value) };
  }

  private exampleBody(reference: Schema, where: string): Readonly<Record<string, unknown>> {
    const { properties = {}, required = [], example } = this.resolve(reference);
    if (typeof example === 'object' && example !== null) return example as Record<string, unknown>;
    const fields = Object.entries(properties).flatMap(([name, property]) => {
      const { example: given, default: byDefault } = this.resolve(property);
      const value = given ?? byDefault;
      if (value === undefined && required.includes(name)) throw new Error(`${where}: the field ${name} has no example`);
      return value === undefined ? [] : [[name, value]];
    });
    if (fields.length === 0) throw new Error(`${where}: the body has no example`);
    return Object.fromEntries(fields) as Record<string, unknown>;
  }

  private tellsRejected(responses: Operation['responses']): boolean {
    return Object.entries(responses).some(([status, { content }]) => {
      const schema = content?.['application/json']?.schema;
      return status.startsWith('2') && schema !== undefined && this.resolve(schema).properties?.rejected;
    });
  }

  private recordsField(body: Schema): string | undefined {
    const properties = Object.entries(this.resolve(body).properties ?? {});
    return properties.find(([, { items }]) => items && this.resolve(items).properties)?.[0];
  }
}

/** What a parameter looks like in an address. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const nameOf = (reference: string): string => reference.replace('#/components/schemas/', '');
