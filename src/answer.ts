import * as z from 'zod';
import { isRecord, truncate } from './bounds.ts';
import { PatrolError } from './errors.ts';
import { visibleText } from './plain-text.ts';
import { redact } from './redaction.ts';
import { ERROR_CATEGORIES, type ErrorCategory } from './types.ts';

/** What a model claims of one place in the code, unchecked. */
export interface Claim {
  readonly file: string;
  readonly line: number;
  readonly quote: string;
}

/** A model's answer: of the right shape, within bounds, without secrets or invisible characters, unchecked. */
export interface Answer {
  readonly analysis: string;
  readonly rootCause: string;
  readonly suggestedFix: string;
  /** 0–100, the model's own. */
  readonly confidence: number;
  readonly category: ErrorCategory;
  readonly evidence: readonly Claim[];
  readonly patch: string | null;
  readonly nextSteps: readonly string[];
}

/** Longest texts of an answer, in characters: what a log record and a chat message can carry. */
const MAX = {
  analysis: 8000,
  rootCause: 1000,
  suggestedFix: 2000,
  step: 500,
  file: 512,
  quote: 1000,
  patch: 20_000,
};
const MAX_CLAIMS = 12;
const MAX_STEPS = 8;
/** The confidence of an answer of which only the text could be read. */
const PLAIN_TEXT_CONFIDENCE = 10;

const answerForm = z.object({
  analysis: z.string().describe('What happened and why, in a few sentences.'),
  rootCause: z
    .string()
    .describe('The root cause in one sentence. Empty when what is given does not show it.'),
  suggestedFix: z.string().describe('What to change, in one or two sentences. Empty without a root cause.'),
  confidence: z.number().describe('0 to 100: how likely the root cause is the whole truth.'),
  category: z.enum(ERROR_CATEGORIES),
  evidence: z
    .array(
      z.object({
        file: z.string().describe('The path exactly as given.'),
        line: z.number().describe('The line number as given.'),
        quote: z.string().describe('That code, copied character by character, without the line number.'),
      }),
    )
    .describe('The lines of the given code that prove the root cause.'),
  patch: z
    .string()
    .nullable()
    .describe('A unified diff of the given files that mends it, or null when you are not sure of it.'),
  nextSteps: z.array(z.string()).describe('What a person should check next, most telling first.'),
});

/** The JSON schema of an answer, in the subset that strict structured output takes. */
export const ANSWER_SCHEMA: Readonly<Record<string, unknown>> = toStrictSchema();

function toStrictSchema(): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(answerForm);
  return schema;
}

const words = z.string().nullish();
/** What is accepted: the form above, with what weaker models leave out or spell differently. */
const lenientForm = z.object({
  analysis: words,
  rootCause: words,
  suggestedFix: words,
  confidence: z.coerce.number().catch(0),
  category: z.enum(ERROR_CATEGORIES).catch('unknown'),
  evidence: z
    .array(
      z
        .object({ file: z.string(), line: z.coerce.number().catch(0), quote: z.string() })
        .catch({ file: '', line: 0, quote: '' }),
    )
    .nullish()
    .catch([]),
  patch: words.catch(null),
  nextSteps: z.array(z.string()).nullish().catch([]),
});

/**
 * Reads an answer from a model's text: JSON, also inside a code fence or between sentences.
 *
 * @throws {PatrolError} `MODEL_ANSWER_INVALID`; the message says what is wrong, in words of our own.
 */
export function parseAnswer(text: string): Answer {
  const found = findObject(text);
  if (!found) throw unusable('it holds no JSON object');
  const parsed = lenientForm.safeParse(found);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw unusable(`${issue?.path.join('.') ?? 'it'}: ${issue?.message ?? 'wrong type'}`);
  }
  const answer = clean(parsed.data);
  if (answer.analysis === '' && answer.rootCause === '') throw unusable('analysis and rootCause are empty');
  return answer;
}

/** An answer that cannot be used, in words of our own. */
export function unusable(reason: string): PatrolError {
  return new PatrolError('MODEL_ANSWER_INVALID', `The model's answer is not usable: ${reason}.`);
}

/** The first JSON object in a text. */
function findObject(text: string): Readonly<Record<string, unknown>> | undefined {
  const fenced = /```(?:json)?[ \t]*\n([\s\S]*?)\n[ \t]*```/.exec(text)?.[1];
  for (const candidate of [text, fenced, braced(text)]) {
    if (candidate === undefined) continue;
    try {
      const value: unknown = JSON.parse(candidate);
      const object: unknown = Array.isArray(value) ? value[0] : value;
      if (isRecord(object)) return object;
    } catch {
      // The next candidate may do.
    }
  }
  return undefined;
}

/** From the first `{` to the brace that closes it. */
function braced(text: string): string | undefined {
  const start = text.indexOf('{');
  let depth = 0;
  let quoted = false;
  for (let index = start; start >= 0 && index < text.length; index++) {
    const char = text[index];
    if (quoted) {
      if (char === '\\') index++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return text.slice(start, index + 1);
  }
  return undefined;
}

/** What can be read of an answer that is no valid JSON: its complete fields, or its words. */
export function readable(text: string | undefined): Answer | undefined {
  if (text === undefined) return undefined;
  const start = text.slice(0, 4 * MAX.analysis);
  const fields: Record<string, unknown> = {};
  for (const [, name, value] of start.matchAll(
    /"(analysis|rootCause|suggestedFix)"\s{0,9}:\s{0,9}("(?:[^"\\]|\\.)*")/g,
  )) {
    try {
      if (name !== undefined && value !== undefined) fields[name] ??= JSON.parse(value);
    } catch {
      // A field with a broken escape is as good as none.
    }
  }
  const isProse = !/^\s*(?:[{[]|```|<!doctype|<html|<\?xml)/i.test(start) && /\p{L}{3}/u.test(start);
  if (Object.keys(fields).length === 0 && !isProse) return undefined;
  if (Object.keys(fields).length === 0) fields.analysis = start;
  const answer = clean({ ...lenientForm.parse(fields), confidence: PLAIN_TEXT_CONFIDENCE });
  return answer.analysis === '' && answer.rootCause === '' ? undefined : answer;
}

function clean(raw: z.infer<typeof lenientForm>): Answer {
  const rootCause = sentence(raw.rootCause, MAX.rootCause);
  const patch = block(raw.patch, MAX.patch);
  return {
    analysis: block(raw.analysis, MAX.analysis) || rootCause,
    rootCause,
    suggestedFix: sentence(raw.suggestedFix, MAX.suggestedFix),
    confidence: toPercent(raw.confidence),
    category: raw.category,
    evidence: (raw.evidence ?? [])
      .filter(({ file, quote }) => file.trim() !== '' && quote.trim() !== '')
      .slice(0, MAX_CLAIMS)
      .map(({ file, line, quote }) => ({
        file: sentence(file, MAX.file),
        line: Number.isSafeInteger(line) && line > 0 ? line : 0,
        quote: block(quote, MAX.quote),
      })),
    // A diff that is cut is no diff.
    patch: patch === '' || (raw.patch?.length ?? 0) > MAX.patch ? null : patch,
    nextSteps: (raw.nextSteps ?? [])
      .map((step) => sentence(step, MAX.step))
      .filter(Boolean)
      .slice(0, MAX_STEPS),
  };
}

function block(text: string | null | undefined, length: number): string {
  return truncate(visibleText(redact((text ?? '').slice(0, length * 2))).trimEnd(), length);
}

function sentence(text: string | null | undefined, length: number): string {
  return block(text, length).replace(/\s+/g, ' ').trim();
}

/** Some models answer 0.9 for 90. */
function toPercent(confidence: number): number {
  const percent = confidence > 0 && confidence < 1 ? confidence * 100 : confidence;
  return Number.isFinite(percent) ? Math.round(Math.min(100, Math.max(0, percent))) : 0;
}
