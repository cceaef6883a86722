import { languageOf } from './languages.ts';
import type { Source } from './source.ts';
import { isTestPath } from './test-files.ts';

/** Files that a search adds; more would be guesses. */
const MAX_FOUND = 3;
/** Searches of the code host; each counts against a limit of its own. */
const MAX_SEARCHES = 2;
/** A word that stands in more files than this tells nothing. */
const MAX_HITS = 6;

/** Words of messages, tests and English that name nothing. */
const COMMON = new Set(
  'error errors expected actual received should could would cannot undefined null true false object function value string number with from that this have been were when where which test tests spec into then than does type length equal equals include includes contain contains property read called return response body status code message failed failure invalid unexpected missing unknown against after before during while null'.split(
    ' ',
  ),
);

/**
 * Looks for files by words where no frame names one: first by the names of files, then by asking the code host
 * for the rarest-looking words. Files of tests and of unknown languages are no answer.
 *
 * @param text - The error's message.
 * @param lost - Paths of frames that are not in the repository; their names may still tell.
 */
export async function searchByWords(
  source: Source,
  text: string,
  lost: readonly string[],
): Promise<readonly string[]> {
  const names = lost.map((path) => path.slice(path.lastIndexOf('/') + 1)).join(' ');
  const named = byName(source, wordsIn(`${names} ${text}`));
  if (named.length > 0) return named;
  for (const word of distinctive(text).slice(0, MAX_SEARCHES)) {
    const found = (await source.search(word)).filter(isSource);
    if (found.length > 0 && found.length <= MAX_HITS) return found.slice(0, MAX_FOUND);
  }
  return [];
}

/** The files whose names share most with the words; none when too many share alike. */
function byName(source: Source, words: readonly string[]): readonly string[] {
  const scores = new Map<string, number>();
  for (const path of source.index?.paths() ?? []) {
    if (!isSource(path)) continue;
    const parts = wordsIn(path);
    const name = new Set(wordsIn(path.slice(path.lastIndexOf('/') + 1)));
    const score = words.reduce((sum, word) => {
      if (!parts.some((part) => alike(part, word))) return sum;
      return sum + ([...name].some((part) => alike(part, word)) ? 2 : 1);
    }, 0);
    if (score >= 2) scores.set(path, score);
  }
  const ranked = [...scores].sort((a, b) => b[1] - a[1] || a[0].length - b[0].length);
  const best = ranked[0]?.[1] ?? 0;
  const top = ranked.filter(([, score]) => score === best).map(([path]) => path);
  return top.length > MAX_FOUND ? [] : top;
}

/** `encode` and `encoder`, `cart` and `carts`. */
function alike(one: string, other: string): boolean {
  if (one === other) return true;
  const least = Math.min(one.length, other.length);
  return (
    least >= 5 &&
    one.slice(0, least - 1) === other.slice(0, least - 1) &&
    Math.abs(one.length - other.length) <= 2
  );
}

function wordsIn(text: string): readonly string[] {
  const words = text
    .slice(0, 2000)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .match(/[a-z][a-z\d]{1,40}/g);
  return [...new Set(words ?? [])].filter(
    (word) => !COMMON.has(word) && (word.length > 3 || /\d/.test(word)),
  );
}

/** Identifiers before words, long before short. */
function distinctive(text: string): readonly string[] {
  const words = new Set(text.slice(0, 2000).match(/[A-Za-z_$][\w$]{4,60}/g) ?? []);
  const worth = (word: string): number => word.length + (/[a-z][A-Z]|_/.test(word) ? 20 : 0);
  return [...words].filter((word) => !COMMON.has(word.toLowerCase())).sort((a, b) => worth(b) - worth(a));
}

function isSource(path: string): boolean {
  return (
    !isTestPath(path) &&
    languageOf(path) !== undefined &&
    !/(?:^|\/)(?:docs?|examples?|vendor|dist|build)\//.test(path)
  );
}
