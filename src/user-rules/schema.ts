import * as z from 'zod';
import { isRecord } from '../bounds.ts';
import { describeShape } from '../errors.ts';
import { ERROR_CATEGORIES } from '../types.ts';
import { FIELDS, RULE_SEVERITIES } from './user-rule.ts';

/** Most rules in one file. */
export const MAX_RULES = 1000;

const text = (length: number) =>
  z.string().min(1, `a text of 1 to ${length} characters`).max(length, `a text of 1 to ${length} characters`);
const id = z
  .string()
  .regex(/^[\w.:/-]{1,100}$/, 'letters, digits and .:/_- (at most 100)')
  .describe('Stable and unique; shown wherever the rule did something.');
const percent = z
  .number('a number from 0 to 100')
  .min(0, 'a number from 0 to 100')
  .max(100, 'a number from 0 to 100');
const share = z.number('a number from 0 to 1').min(0, 'a number from 0 to 1').max(1, 'a number from 0 to 1');
const category = z.enum(ERROR_CATEGORIES, { error: `one of ${ERROR_CATEGORIES.join(', ')}` });
const steps = z.array(text(500), 'an array of texts').max(10, 'at most 10 texts');
const oneOrMore = z.union([text(200), z.array(text(200)).min(1).max(50)], {
  error: 'a text or an array of texts',
});
const notEmpty = (value: object) => Object.values(value).some((one) => one !== undefined);

const knownCondition = z
  .strictObject({
    name: oneOrMore.optional().describe("The error's class, or one of several."),
    code: oneOrMore.optional().describe('Its code, or one of several.'),
    message: text(1000).optional().describe('A regular expression found anywhere in its message.'),
    stack: text(1000).optional().describe('A regular expression found anywhere in its stack.'),
  })
  .refine(notEmpty, { error: 'an object with at least one of name, code, message, stack' });

/** One known error: see `RuleDefinition`. */
const knownErrorSchema: z.ZodType = z
  .strictObject({
    id,
    match: z.union([knownCondition, z.array(knownCondition).min(1).max(20)], {
      error: 'an object with at least one of name, code, message, stack, or an array of such objects',
    }),
    category,
    rootCause: text(1000).describe('What happened; may name groups of the expression: {port}.'),
    suggestedFix: text(1000),
    confidence: percent,
    nextSteps: steps.optional(),
    needsCode: z
      .boolean('true or false')
      .optional()
      .describe('True: only a hint where a model can be asked.'),
  })
  .describe('A known error: what it looks like, and what it means.');

const scalar = z.union([z.string().max(1000), z.number(), z.boolean()]);
const valuePattern = z.union(
  [
    scalar,
    z
      .strictObject({
        equals: scalar.optional().describe('The whole value.'),
        glob: text(500).optional().describe('The whole value; * stands for any characters, ? for one.'),
        regex: text(1000)
          .optional()
          .describe('Found anywhere in the value; repetitions bounded: {0,100} in place of *.'),
      })
      .refine(notEmpty, { error: 'a value, or an object with equals, glob or regex' }),
  ],
  { error: 'a value, or an object with equals, glob or regex' },
);
const fieldPattern = z.union([valuePattern, z.array(valuePattern).min(1).max(50)], {
  error: 'a value, an object with equals, glob or regex, or an array of such',
});

const FIELD_HELP: Readonly<Record<(typeof FIELDS)[number], string>> = {
  service: 'Name of the application.',
  environment: 'E.g. production.',
  release: 'The deployed commit.',
  repository: "URL of the application's repository.",
  name: "The error's class.",
  code: 'Its code.',
  message: 'Its message.',
  stack: 'Its stack, as text.',
  file: 'Where it was raised: as the stack names the file, or without what differs between deploys.',
  level: 'fatal, critical, … where it was logged above error; else error.',
};
const condition = z
  .strictObject({
    ...Object.fromEntries(
      FIELDS.map((field) => [field, fieldPattern.optional().describe(FIELD_HELP[field])]),
    ),
    context: z
      .record(text(200), fieldPattern, 'an object of path → pattern')
      .optional()
      .describe('What was logged beside the error, by path: http.status.'),
  })
  .refine(notEmpty, { error: `an object with at least one of ${FIELDS.join(', ')}, context` });
const conditions = z.union([condition, z.array(condition).min(1).max(20)], {
  error: `an object with at least one of ${FIELDS.join(', ')}, context, or an array of such objects`,
});

const calls = z.int('a whole number').min(0, 'a whole number').optional();
const money = z.number('an amount of US dollars').min(0, 'an amount of US dollars').optional();

const effects = z
  .strictObject({
    fingerprint: z
      .array(text(500), 'an array of texts')
      .min(1, 'an array of 1 to 16 texts')
      .max(16, 'an array of 1 to 16 texts')
      .optional()
      .describe('What makes two events the same error. {default} is the hash that Patrol would take.'),
    ignore: z.boolean('true or false').optional().describe('No analysis, no alert; counted.'),
    sample: share.optional().describe('The share of events that are analysed.'),
    severity: z.enum(RULE_SEVERITIES, { error: `one of ${RULE_SEVERITIES.join(', ')}` }).optional(),
    assignee: text(200).optional(),
    route: z
      .array(text(100), 'an array of webhook ids')
      .max(20, 'at most 20 webhook ids')
      .optional()
      .describe('The webhooks that alerts go to, by id.'),
    answer: z
      .strictObject({
        rootCause: text(1000),
        suggestedFix: text(1000),
        category: category.optional(),
        confidence: percent.optional(),
        nextSteps: steps.optional(),
      })
      .optional()
      .describe('The certain answer: no model is asked.'),
    hint: text(1000).optional().describe('What the model is told about such errors.'),
    model: text(100).optional().describe('The model that is asked, in place of OPENAI_MODEL.'),
    budget: z
      .strictObject({ callsPerHour: calls, callsPerDay: calls, usdPerHour: money, usdPerDay: money })
      .refine(notEmpty, { error: 'an object with callsPerHour, callsPerDay, usdPerHour or usdPerDay' })
      .optional()
      .describe('What the model may be asked for all that the rule matches.'),
  })
  .refine(notEmpty, { error: 'an object with at least one effect' });

/** One rule of the user's own: see `UserRule`. */
const userRuleSchema: z.ZodType = z
  .strictObject({
    id,
    description: z.string().max(1000, 'a text of at most 1000 characters').optional(),
    match: conditions.optional().describe('Which events. One condition, or several of which one must hold.'),
    except: conditions.optional().describe('Which of them the rule leaves alone.'),
    // biome-ignore lint/suspicious/noThenProperty: a schema is never awaited, and the file reads "match … then …".
    then: effects.describe('What happens to them. Of several rules the first that has an effect sets it.'),
  })
  .describe('A rule of your own.');

const list = z.array(z.union([userRuleSchema, knownErrorSchema])).max(MAX_RULES);

/** The JSON schema of a rule file, for editors; draft-07, which they all read. */
export function ruleFileJsonSchema(): Record<string, unknown> {
  const file = z.union([z.looseObject({ rules: list }), list]);
  return {
    ...z.toJSONSchema(file, { target: 'draft-7', io: 'input', reused: 'ref' }),
    title: 'Rules of Patrol',
    description: 'PATROL_RULES_FILE: what Patrol does with which errors.',
  };
}

/** One thing that is wrong: where, and a sentence. */
export interface SchemaProblem {
  readonly path: readonly PropertyKey[];
  /** `expected …, got …`. */
  readonly reason: string;
}

/** What a rule may be. */
export type RuleKind = 'rule' | 'known-error';

/**
 * What is wrong with a rule; empty when nothing is. The schemas stay in here: an application that checks the types of
 * its libraries need not be able to read zod's.
 */
export function problemsOf(kind: RuleKind, value: unknown): readonly SchemaProblem[] {
  const parsed = (kind === 'rule' ? userRuleSchema : knownErrorSchema).safeParse(value);
  if (parsed.success) return [];
  // Of an object with nothing but a misspelt field, the misspelling is what is wrong.
  const misspelt = parsed.error.issues.filter(({ code }) => code === 'unrecognized_keys').map(pathOf);
  return parsed.error.issues
    .filter((issue) => issue.code !== 'custom' || !misspelt.includes(pathOf(issue)))
    .flatMap((issue) => explainIssue(issue, value));
}

function pathOf({ path }: z.core.$ZodIssue): string {
  return path.map(String).join('.');
}

function explainIssue(issue: z.core.$ZodIssue, value: unknown): readonly SchemaProblem[] {
  const path = issue.path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      reason: `${[...path, key].map(String).join('.').slice(0, 120)} is no field of a rule: remove it or correct its name`,
    }));
  }
  if (issue.code === 'invalid_union') {
    // The one that was meant: the only branch whose kind of value it is.
    const meant = issue.errors.filter((issues) => issues.every((inner) => !isOtherKind(inner)));
    if (meant.length === 1) {
      return (meant[0] ?? []).flatMap((inner) =>
        explainIssue({ ...inner, path: [...path, ...inner.path] } as z.core.$ZodIssue, value),
      );
    }
  }
  const field = pathOf(issue);
  const kind = /^Invalid input: expected (\w+)/.exec(issue.message)?.[1];
  const expected = kind === undefined ? issue.message : (KINDS[kind] ?? kind);
  const got = describeShape(path.reduce<unknown>(stepInto, value));
  return [
    {
      path,
      reason:
        field === ''
          ? `expected an object, got ${describeShape(value)}`
          : `expected ${field} to be ${expected}, got ${got}`,
    },
  ];
}

/** The kinds of values in plain words. */
const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'an array',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
};

function isOtherKind(issue: z.core.$ZodIssue): boolean {
  return (issue.code === 'invalid_type' || issue.code === 'invalid_union') && issue.path.length === 0;
}

function stepInto(inner: unknown, key: PropertyKey): unknown {
  return isRecord(inner) || Array.isArray(inner) ? Reflect.get(inner, key) : undefined;
}
