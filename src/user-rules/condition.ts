import { compilePattern } from '../pattern.ts';
import { matchesGlob } from './glob.ts';
import type { Subject } from './subject.ts';
import { FIELDS, type FieldPattern, type UserRuleCondition, type ValuePattern } from './user-rule.ts';

/** One field's pattern, ready to be tried. */
export interface FieldCheck {
  /** E.g. `message`, `context.http.status`. */
  readonly field: string;
  /** Completes "expected … to be". */
  readonly expected: string;
  values(subject: Subject): readonly string[];
  test(value: string): boolean;
  /** The named groups of the expression that matches. */
  groups(value: string): Readonly<Record<string, string | undefined>>;
}

/** A condition, ready to be tried: cheap checks first. */
export type CompiledCondition = readonly FieldCheck[];

interface ValueTest {
  readonly cost: number;
  readonly expected: string;
  test(value: string): boolean;
  groups?(value: string): Readonly<Record<string, string | undefined>> | undefined;
}

/** What it costs to have a field's value, beside comparing it: `file` reads the stack. */
const COST: Readonly<Record<string, number>> = { message: 1, stack: 2, file: 3 };

/** @throws {SyntaxError} for an expression that cannot be used, its `field` said. */
export function compileConditions(
  given: UserRuleCondition | readonly UserRuleCondition[] | undefined,
): readonly CompiledCondition[] {
  const list: readonly UserRuleCondition[] = Array.isArray(given)
    ? given
    : given === undefined
      ? []
      : [given];
  return list.map((condition) => {
    const checks = [
      ...FIELDS.flatMap((field) => {
        const pattern = condition[field];
        if (pattern === undefined) return [];
        return [compileField(field, pattern, (subject) => subject.valuesOf(field))];
      }),
      ...Object.entries(condition.context ?? {}).map(([path, pattern]) =>
        compileField(`context.${path}`, pattern, (subject) => subject.contextAt(path)),
      ),
    ];
    return checks.sort((a, b) => a.cost - b.cost);
  });
}

function compileField(
  field: string,
  pattern: FieldPattern,
  values: FieldCheck['values'],
): FieldCheck & { readonly cost: number } {
  const tests = (Array.isArray(pattern) ? pattern : [pattern]).flatMap(compileValue);
  return {
    field,
    expected: tests.map(({ expected }) => expected).join(' or '),
    cost: (COST[field] ?? 0) * 10 + Math.max(...tests.map(({ cost }) => cost)),
    values,
    test: (value) => tests.some((one) => one.test(value)),
    groups(value) {
      for (const one of tests) {
        const found = one.groups?.(value);
        if (found) return found;
      }
      return {};
    },
  };
}

function compileValue(pattern: ValuePattern): readonly ValueTest[] {
  if (typeof pattern !== 'object') return [equalTo(pattern)];
  const { equals, glob, regex } = pattern;
  return [
    ...(equals === undefined ? [] : [equalTo(equals)]),
    ...(glob === undefined
      ? []
      : [{ cost: 1, expected: `like ${glob}`, test: (value: string) => matchesGlob(glob, value) }]),
    ...(regex === undefined ? [] : [matching(compilePattern(regex))]),
  ];
}

function equalTo(expected: string | number | boolean): ValueTest {
  const text = String(expected);
  return { cost: 0, expected: JSON.stringify(text), test: (value) => value === text };
}

function matching(regex: RegExp): ValueTest {
  return {
    cost: 2,
    expected: `a match of /${regex.source}/`,
    test: (value) => regex.test(value),
    groups(value) {
      const found = regex.exec(value);
      return found ? (found.groups ?? {}) : undefined;
    },
  };
}
