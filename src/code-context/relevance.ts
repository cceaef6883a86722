import type { Definition } from './definition.ts';
import { withAnnotations } from './show.ts';
import type { FileForm } from './source.ts';

/** A function of a file that was read, and how much it has to do with some words. */
export interface RankedFunction {
  readonly file: FileForm;
  readonly definition: Definition;
  readonly score: number;
}

/** Words, with what each counts for. */
export type Query = ReadonlyMap<string, number>;

/** How often a word counts at most, and how much the length of a function matters (Okapi BM25, k1 and b). */
const SATURATION = 1.2;
const LENGTH_SHARE = 0.4;
/** A word in the name of a function says more than one in its body. */
const NAME_WEIGHT = 2;
const MAX_WORDS = 4000;

/** Words of messages, tests and English that name nothing. */
const COMMON = new Set(
  'error errors expected actual received should could would cannot undefined null true false object function value string number with from that this have been were when where which test tests spec into then than does type length equal equals include includes contain contains property read called return response body status code message failed failure invalid unexpected missing unknown against after before during while null'.split(
    ' ',
  ),
);

/** Whether a word says nothing about what an error is about. */
export function isCommon(word: string): boolean {
  return COMMON.has(word.toLowerCase());
}

/** Words of code and of people, whole and in their parts: `getCartTotal` is itself, `cart` and `total`. */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/[A-Za-z][A-Za-z\d]{1,60}/g)) {
    if (words.length >= MAX_WORDS) break;
    const parts = word.replace(/([a-z\d])([A-Z])/g, '$1 $2').split(' ');
    if (parts.length > 1) words.push(word.toLowerCase());
    for (const part of parts) if (part.length > 2) words.push(stem(part.toLowerCase()));
  }
  return words;
}

/** `carts` and `cart`, `encoding`, `encoded` and `encode`, near enough to be compared. */
function stem(word: string): string {
  return word.length < 5 ? word : word.replace(/(?:ings?|ers?|ed|es|s|e)$/, '');
}

/** A query of several texts, each with its weight; a word counts by the heaviest text that holds it. */
export function toQuery(texts: readonly (readonly [text: string, weight: number])[]): Query {
  const query = new Map<string, number>();
  for (const [text, weight] of texts) {
    const telling = text.replace(/[A-Za-z]{3,60}/g, (word) => (isCommon(word) ? ' ' : word));
    for (const word of wordsOf(telling)) query.set(word, Math.max(weight, query.get(word) ?? 0));
  }
  return query;
}

/** The functions of some files, best first, without those that share no word with the query. */
export function rankFunctions(files: readonly FileForm[], query: Query): readonly RankedFunction[] {
  const all = files.flatMap((file) => functionsOf(file).map((definition) => toDocument(file, definition)));
  const average = all.reduce((sum, { length }) => sum + length, 0) / Math.max(1, all.length);
  const rarity = new Map<string, number>();
  for (const word of query.keys()) {
    const having = all.filter(({ counts }) => counts.has(word)).length;
    rarity.set(word, Math.log(1 + (all.length - having + 0.5) / (having + 0.5)));
  }
  return all
    .map(({ file, definition, counts, length }) => {
      let score = 0;
      for (const [word, weight] of query) {
        const count = counts.get(word);
        if (count === undefined) continue;
        const norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * (length / average));
        score += weight * (rarity.get(word) ?? 0) * ((count * (SATURATION + 1)) / (count + norm));
      }
      return { file, definition, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

/** The outer functions, for what is inside one is shown with it; without the tests that Rust keeps beside the code. */
function functionsOf({ outline }: FileForm): readonly Definition[] {
  const definitions = outline?.definitions ?? [];
  return definitions.filter(({ kind, parent }) => {
    const around = definitions[parent];
    return kind === 'function' && around?.kind !== 'function' && !/^tests?$/.test(around?.name ?? '');
  });
}

function toDocument(file: FileForm, definition: Definition) {
  const { startLine, endLine } = withAnnotations(file, definition);
  const words = wordsOf(file.lines.slice(startLine - 1, endLine).join('\n'));
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const word of wordsOf(definition.name ?? '')) counts.set(word, (counts.get(word) ?? 0) + NAME_WEIGHT);
  return { file, definition, counts, length: words.length };
}
