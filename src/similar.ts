import { MASK } from './masking/output.ts';
import { isOrdinaryWord } from './similar/ordinary-words.ts';
import type { ErrorHash, NormalizedErrorLog } from './types.ts';

/** Options of {@link createSimilarIndex}. */
export interface SimilarIndexOptions {
  /** Templates that are remembered; the one longest unused is forgotten first. @defaultValue 2000 */
  readonly maxTemplates?: number;
}

/** A known error that a new one resembles. */
export interface SimilarError {
  /** The first error of the template. */
  readonly errorHash: ErrorHash;
  /** 0–1: the share of the telling words that both have. */
  readonly similarity: number;
}

/**
 * The second tier: recognises an error whose hash is new as an occurrence of a known template.
 *
 * Nothing is merged: the two keep their hashes, and whoever asks decides what to do. The answer depends on the
 * order in which errors were added, and on nothing else.
 */
export interface SimilarIndex {
  /** Remembers an error. One that resembles a known template makes that template more general. */
  add(errorHash: ErrorHash, normalized: NormalizedErrorLog): void;
  /** The most similar known error, or undefined when none is near enough. Changes nothing. */
  find(normalized: NormalizedErrorLog): SimilarError | undefined;
  readonly size: number;
}

/** Templates that agree in everything but the message; a key with more of them holds texts, not templates. */
const MAX_PER_KEY = 64;
/** Longer messages are dumps. */
const MAX_TOKENS = 128;
/** A place in a template where words were seen to differ. */
const WILDCARD = MASK;

interface Template {
  readonly errorHash: ErrorHash;
  readonly key: string;
  tokens: readonly string[];
}

/**
 * Makes a {@link SimilarIndex}. The algorithm follows Drain (He et al., "Drain: An Online Log Parsing Approach
 * with Fixed Depth Tree", ICWS 2017): errors are first narrowed down to those that agree in what must agree, then
 * compared word by word with the templates there, and a template's differing words become wildcards.
 *
 * Three things are different, for errors instead of log lines. What must agree is the class, the code, the causes
 * and the functions that failed, not the number of words. Quoted names, statuses and constants never become
 * wildcards, nor do ordinary words: `opened` and `closed` are not two values of one place. And where the same
 * function failed, a message may go on where the other ends.
 */
export function createSimilarIndex(options: SimilarIndexOptions = {}): SimilarIndex {
  const maxTemplates = Math.max(1, options.maxTemplates ?? 2000);
  const byKey = new Map<string, Template[]>();
  /** In the order of their last use, oldest first. */
  const templates = new Set<Template>();

  const best = (key: string, tokens: readonly string[], hasFrames: boolean): Match | undefined => {
    let found: Match | undefined;
    for (const template of byKey.get(key) ?? []) {
      const match = compare(template, tokens, hasFrames);
      if (match && (!found || match.similarity > found.similarity)) found = match;
    }
    return found;
  };

  const forget = (template: Template): void => {
    templates.delete(template);
    const others = (byKey.get(template.key) ?? []).filter((other) => other !== template);
    if (others.length === 0) byKey.delete(template.key);
    else byKey.set(template.key, others);
  };

  return {
    get size() {
      return templates.size;
    },
    find(normalized) {
      const { key, tokens, hasFrames } = read(normalized);
      const match = best(key, tokens, hasFrames);
      return match && { errorHash: match.template.errorHash, similarity: match.similarity };
    },
    add(errorHash, normalized) {
      const { key, tokens, hasFrames } = read(normalized);
      const match = best(key, tokens, hasFrames);
      if (match) {
        match.template.tokens = match.tokens;
        templates.delete(match.template);
        templates.add(match.template);
        return;
      }
      const template: Template = { errorHash, key, tokens };
      const siblings = byKey.get(key) ?? [];
      if (siblings.length >= MAX_PER_KEY) forget(siblings[0] as Template);
      byKey.set(key, [...(byKey.get(key) ?? []), template]);
      templates.add(template);
      if (templates.size > maxTemplates) forget(templates.values().next().value as Template);
    },
  };
}

interface Match {
  readonly template: Template;
  readonly similarity: number;
  /** The template's words when this error is one of its occurrences. */
  readonly tokens: readonly string[];
}

interface Reading {
  /** What must agree. */
  readonly key: string;
  readonly tokens: readonly string[];
  readonly hasFrames: boolean;
}

function read(normalized: NormalizedErrorLog): Reading {
  let message = '';
  let key = String(normalized.fingerprintVersion);
  let hasFrames = false;
  for (const { kind, value } of normalized.parts) {
    if (kind === 'message') message = value;
    else key += `\n${kind} ${value}`;
    if (kind === 'frame') hasFrames = true;
  }
  return { key, tokens: tokensOf(message), hasFrames };
}

/** Words and the brackets, commas and equals signs between them. */
const tokensOf = (message: string): string[] => message.match(TOKEN)?.slice(0, MAX_TOKENS) ?? [];
const TOKEN = /<\*>|'[^']*'|[=(){}[\],;:|<>]|[^\s=(){}[\],;:|<>]+/g;

function compare(template: Template, tokens: readonly string[], hasFrames: boolean): Match | undefined {
  const known = template.tokens;
  if (known.length === tokens.length) return comparePlaces(template, tokens);
  const [short, long] = known.length < tokens.length ? [known, tokens] : [tokens, known];
  // Somewhere the longer one has words more; before and behind them both are the same.
  let start = 0;
  while (start < short.length && areEqual(short[start] as string, long[start] as string)) start++;
  let end = 0;
  while (end < short.length - start && areEqual(short.at(-1 - end) as string, long.at(-1 - end) as string))
    end++;
  const missing = short.slice(start, short.length - end);
  const extra = long.slice(start, long.length - end);
  const equal = tellingWords([...short.slice(0, start), ...short.slice(short.length - end)]);
  const goesOn = hasFrames && missing.length === 0 && end === 0;
  // `key=` is never a name: the longer one has a field that the other has not.
  if (extra.includes('=') || missing.includes('=')) return undefined;
  if (
    !goesOn &&
    (extra.length > 4 || ![...missing, ...extra].every((token) => !isTelling(token) || isNameLike(token)))
  ) {
    return undefined;
  }
  if (equal < 3) return undefined;
  const similarity = equal / (equal + (goesOn ? 1 : tellingWords(extra)));
  return similarity < MIN_SIMILARITY ? undefined : { template, similarity, tokens: known };
}

/** Below this share of common telling words two messages have more apart than in common. */
const MIN_SIMILARITY = 0.6;

/** Of the same number of words: each difference must be one between two names. */
function comparePlaces(template: Template, tokens: readonly string[]): Match | undefined {
  let equal = 0;
  let different = 0;
  let weak = 0;
  const merged: string[] = [];
  for (const [place, token] of tokens.entries()) {
    const known = template.tokens[place] as string;
    // Messages begin with what they are about, as Drain assumes.
    if (place === 0 && known !== token && known !== MASK && token !== MASK) return undefined;
    if (areEqual(known, token)) {
      merged.push(known === WILDCARD ? WILDCARD : token);
      if (token === known && isTelling(token)) equal++;
      continue;
    }
    if (!areTwoNames(known, token)) return undefined;
    different++;
    if (!isWrittenAsName(known) && !isWrittenAsName(token)) weak++;
    merged.push(WILDCARD);
  }
  const similarity = equal / Math.max(1, equal + different);
  // A plain word needs more around it than `com.example.Name` to pass for a name.
  if (equal < (weak > 0 ? 3 : 2) || similarity < MIN_SIMILARITY) return undefined;
  return { template, similarity, tokens: merged };
}

/** A wildcard takes any name, but not the words that it was never seen to replace. */
const areEqual = (known: string, token: string): boolean => known === token;

function areTwoNames(one: string, other: string): boolean {
  const first = bare(one);
  const second = bare(other);
  if (!isNameLike(first) || !isNameLike(second)) return false;
  // What follows a name is the same, or it is another sentence.
  return one.slice(first.length) === other.slice(second.length) || first === MASK || second === MASK;
}

/** Without the stops at its end. */
function bare(token: string): string {
  let end = token.length;
  while (end > 0 && '.:!?'.includes(token.charAt(end - 1))) end--;
  return token.slice(0, end);
}
const isTelling = (token: string): boolean => /\p{L}/u.test(token);
const tellingWords = (tokens: readonly string[]): number => tokens.filter(isTelling).length;

/** Not a word of the message, and nothing that tells one failure from another. */
const isNameLike = (token: string): boolean =>
  token === MASK ||
  (isTelling(token) &&
    !token.startsWith("'") &&
    !isConstant(token) &&
    !isOrdinaryWord(bare(token)) &&
    !isVariable(token));

/** `totalSteps`: what variables and functions are called is the program's own vocabulary. */
const isVariable = (token: string): boolean => /^[a-z]+(?:[A-Z][a-z]*)+$/.test(bare(token));

/** Statuses, codes, `E…` constants, and names that end in one: `android.intent.action.SCREEN_ON`. */
const isConstant = (token: string): boolean => /^\d+$|(?:^|[.:/])[A-Z][A-Z0-9_]+$/.test(bare(token));

/** `com.example.Name`, `my-host`, `some_name`, `WorkerName`. */
const isWrittenAsName = (token: string): boolean =>
  token === MASK || /[._/\\@-]|[a-z][A-Z]/.test(bare(token));
