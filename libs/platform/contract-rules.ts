import {
  getMetadataStorage,
  ValidationTypes,
  type ValidationArguments,
  type ValidatorConstraintInterface,
} from 'class-validator';

/** A class whose fields have class-validator rules. */
export type Contract<T extends object> = new () => T;

interface Constraint {
  readonly validator: ValidatorConstraintInterface;
  /** What the decorator was given, such as the 1 of `@Min(1)`. */
  readonly constraints: unknown[];
  /** For each entry of a list. */
  readonly each: boolean;
}

interface FieldRules {
  readonly field: string;
  /** The field is checked when all of them hold. */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly constraints: readonly Constraint[];
  readonly nested: boolean;
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

const contractRules = new WeakMap<object, ContractRules>();

/**
 * The class-validator rules of one class, looked up once and run directly. `validateSync` looks them up for each object and
 * prepares an error for each field, which costs ten times the rules themselves.
 */
export class ContractRules {
  /** The fields that have a rule. */
  readonly fields: ReadonlySet<string>;
  /** Undefined where the class has a kind of rule that is not understood here, or none. */
  private readonly rules: readonly FieldRules[] | undefined;

  private constructor(private readonly contract: Contract<object>) {
    const metadata = getMetadataStorage().getTargetValidationMetadatas(contract, '', false, false);
    this.fields = new Set(metadata.map(({ propertyName }) => propertyName));
    const known = metadata.length > 0 && metadata.every(isUnderstood);
    this.rules = known ? [...this.fields].map((field) => rulesOf(field, metadata)) : undefined;
  }

  static of(contract: Contract<object>): ContractRules {
    let rules = contractRules.get(contract);
    if (!rules) contractRules.set(contract, (rules = new ContractRules(contract)));
    return rules;
  }

  /**
   * @param value an instance of the class
   * @returns true when `validateSync(value)` finds no fault; false leaves it to that to find them, or to find that there are none
   */
  passes(value: object): boolean {
    if (!this.rules) return false;
    for (const rules of this.rules) if (!this.fieldPasses(value, rules)) return false;
    return true;
  }

  private fieldPasses(object: object, { field, conditions, constraints, nested }: FieldRules): boolean {
    const value = (object as Record<string, unknown>)[field];
    for (const applies of conditions) if (!applies(object, value)) return true;
    for (const { validator, constraints: given, each } of constraints) {
      const details: ValidationArguments = {
        targetName: this.contract.name,
        property: field,
        object,
        value,
        constraints: given,
      };
      if (!each || !isCollection(value)) {
        if (!validator.validate(value, details)) return false;
      } else if (!Array.isArray(value) || !value.every((entry) => Boolean(validator.validate(entry, details))))
        return false;
    }
    if (!nested || value === undefined) return true;
    return Array.isArray(value) ? value.every(instancePasses) : instancePasses(value);
  }
}

function instancePasses(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { constructor } = value;
  return typeof constructor === 'function' && ContractRules.of(constructor as Contract<object>).passes(value);
}

const isCollection = (value: unknown): boolean => Array.isArray(value) || value instanceof Set || value instanceof Map;

function isUnderstood(metadata: Metadata): boolean {
  const { CUSTOM_VALIDATION, CONDITIONAL_VALIDATION, NESTED_VALIDATION } = ValidationTypes;
  if (metadata.type === CONDITIONAL_VALIDATION || metadata.type === NESTED_VALIDATION) return true;
  return (
    metadata.type === CUSTOM_VALIDATION &&
    metadata.validateIf === undefined &&
    constraintsOf(metadata).every(({ async }) => !async)
  );
}

function rulesOf(field: string, metadata: readonly Metadata[]): FieldRules {
  const ofType = (type: string): Metadata[] =>
    metadata.filter((one) => one.propertyName === field && one.type === type);
  return {
    field,
    conditions: ofType(ValidationTypes.CONDITIONAL_VALIDATION).map(
      ({ constraints }) => constraints[0] as FieldRules['conditions'][number],
    ),
    constraints: ofType(ValidationTypes.CUSTOM_VALIDATION).flatMap((one) =>
      constraintsOf(one).map(({ instance }) => ({
        validator: instance,
        constraints: one.constraints as unknown[],
        each: one.each,
      })),
    ),
    nested: ofType(ValidationTypes.NESTED_VALIDATION).length > 0,
  };
}

const constraintsOf = ({
  constraintCls,
}: Metadata): ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidatorConstraints']> =>
  getMetadataStorage().getTargetValidatorConstraints(constraintCls);
