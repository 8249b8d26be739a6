import { identifierFault, InvalidInputError } from '#domain';
import { parseFilter } from '#filters';
import { checkContract, parseInstant, rejectionOf } from '#platform';
import { PlacementDto } from './placement.dto.js';
import { RuleDto } from './rule.dto.js';
import {
  DEFAULT_SETTINGS,
  fallbacksOf,
  PLACEMENT_LIMITS,
  type PlacementRule,
  type PlacementSettings,
} from './settings.js';

/**
 * Checks the settings of a placement, such as parsed JSON, and fills in what is left out.
 * @throws InvalidInputError that names the place of the fault
 */
export function parsePlacement(plain: unknown): PlacementSettings {
  const { value, faults } = checkContract(PlacementDto, plain, { rules: RuleDto });
  if (faults) {
    // Two rules of a field may say the same.
    const different = [...new Map(faults.map((fault) => [fault.message, fault])).values()];
    throw new InvalidInputError('invalid_placement', rejectionOf(different).message);
  }
  return completeSettings(value);
}

/**
 * The settings that a body which fits the contract stands for.
 * @throws InvalidInputError whose message begins with the place of the fault, such as `rules[2].boost.lt`, and whose facts name it as `field`
 */
export function completeSettings(given: PlacementDto): PlacementSettings {
  const strategy = given.strategy ?? DEFAULT_SETTINGS.strategy;
  const rules = (given.rules ?? []).map((rule, index) => parseRule(rule, `rules[${index}]`));
  const weights = rules.filter((rule) => 'boost' in rule || 'bury' in rule).length;
  if (weights > PLACEMENT_LIMITS.weights) {
    refuse('rules', `must have at most ${PLACEMENT_LIMITS.weights} that boost or bury, not ${weights}`);
  }
  return {
    strategy,
    fallbacks: given.fallbacks ?? fallbacksOf(strategy),
    count: given.count ?? DEFAULT_SETTINGS.count,
    repeat: given.repeat ?? DEFAULT_SETTINGS.repeat,
    ...(given.filter && { filter: parseFilter(given.filter) }),
    diversity: given.diversity ?? DEFAULT_SETTINGS.diversity,
    exclude: given.exclude ?? DEFAULT_SETTINGS.exclude,
    excludeCart: given.excludeCart ?? DEFAULT_SETTINGS.excludeCart,
    ...(given.excludeBoughtDays != null && { excludeBoughtDays: given.excludeBoughtDays }),
    rules,
  };
}

/**
 * The name of a placement.
 * @throws InvalidInputError `invalid_placement`
 */
export function placementName(name: string): string {
  const fault = identifierFault(name);
  if (fault !== undefined) refuse('name', fault);
  return name;
}

const kinds = ['pin', 'boost', 'bury', 'hide'] as const;
const companions = { pin: 'position', boost: 'factor', bury: 'factor', hide: undefined } as const;

function parseRule(given: RuleDto, place: string): PlacementRule {
  const [kind, another] = kinds.filter((name) => given[name] != null);
  if (kind === undefined) refuse(place, `must have one of ${kinds.join(', ')}`);
  if (another !== undefined) refuse(`${place}.${another}`, `must not stand beside ${kind}: make it a rule of its own`);
  const companion = companions[kind];
  const stranger = (['position', 'factor'] as const).find((name) => name !== companion && given[name] != null);
  if (stranger !== undefined) refuse(`${place}.${stranger}`, `must not stand beside ${kind}`);
  if (companion !== undefined && given[companion] == null)
    refuse(`${place}.${companion}`, `must be given for a ${kind}`);
  const { factor } = given;
  if (factor != null && (kind === 'boost' ? factor <= 1 : factor >= 1)) {
    refuse(`${place}.factor`, kind === 'boost' ? 'must be above 1 for a boost' : 'must be below 1 for a bury');
  }
  return { ...action(kind, given, place), ...times(given, place) } as PlacementRule;
}

function action(kind: (typeof kinds)[number], given: RuleDto, place: string): object {
  if (kind === 'pin') return { pin: given.pin, position: given.position };
  const filter = parseFilter(given[kind], `${place}.${kind}`);
  return { [kind]: filter, ...(kind !== 'hide' && { factor: given.factor }) };
}

function times({ from, until }: RuleDto, place: string): { from?: string; until?: string } {
  if (from != null && until != null && parseInstant(from) >= parseInstant(until)) {
    refuse(`${place}.until`, `must be after ${place}.from`);
  }
  return { ...(from != null && { from }), ...(until != null && { until }) };
}

function refuse(place: string, fault: string): never {
  throw new InvalidInputError('invalid_placement', `${place} ${fault}`, { field: place });
}
