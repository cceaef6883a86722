import { languageOf } from './languages.ts';
import { isCommon, type Query, wordsOf } from './relevance.ts';
import type { Source } from './source.ts';
import { isTestPath } from './test-files.ts';

/** Files that a search for one word adds, and those that the names of files add; more would be guesses. */
const MAX_FOUND = 3;
const MAX_NAMED = 3;
/** Paths whose words are looked at, in one go: more would hold up the process. */
const MAX_PATHS = 20_000;
/** Searches of the code host; each counts against a limit of its own. */
const MAX_SEARCHES = 2;
/** A word that stands in more files than this tells nothing. */
const MAX_HITS = 6;

/** What is looked for. */
export interface Wanted {
  readonly query: Query;
  readonly message: string;
  /** Code of the tests that failed; undefined where other frames are known: then the code host is not asked. */
  readonly tests: readonly string[] | undefined;
}

/**
 * Looks for files by words where no frame names one: by the names of files, and by asking the code host for the
 * rarest-looking words. Files of tests and of unknown languages are no answer.
 */
export async function searchFiles(source: Source, wanted: Wanted): Promise<readonly string[]> {
  const found = new Set(byName(source, wanted.query));
  if (!wanted.tests) return [...found];
  const words = [...distinctive(wanted.message), ...distinctive(wanted.tests.join('\n'))];
  for (const word of [...new Set(words)].slice(0, MAX_SEARCHES)) {
    const hits = (await source.search(word)).filter(isSource);
    if (hits.length <= MAX_HITS) for (const path of hits.slice(0, MAX_FOUND)) found.add(path);
  }
  return [...found];
}

/** The files whose paths share most with the words, by how rare those are among all paths. */
function byName(source: Source, query: Query): readonly string[] {
  const paths = [...(source.index?.paths() ?? [])].filter(isSource).slice(0, MAX_PATHS);
  const words = paths.map((path) => ({
    path,
    all: new Set(wordsOf(path)),
    name: new Set(wordsOf(path.slice(path.lastIndexOf('/') + 1))),
  }));
  const rarity = new Map<string, number>();
  for (const { all } of words) for (const word of all) rarity.set(word, (rarity.get(word) ?? 0) + 1);
  const scored = words.map(({ path, all, name }) => {
    let score = 0;
    for (const word of all) {
      const weight = query.get(word);
      if (weight === undefined) continue;
      score += weight * Math.log(1 + paths.length / (rarity.get(word) ?? 1)) * (name.has(word) ? 2 : 1);
    }
    return { path, score: score / name.size ** 0.25 };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.path.length - b.path.length)
    .slice(0, MAX_NAMED)
    .map(({ path }) => path);
}

/** Identifiers before words, long before short. */
function distinctive(text: string): readonly string[] {
  const words = new Set(text.slice(0, 2000).match(/[A-Za-z_$][\w$]{4,60}/g) ?? []);
  const worth = (word: string): number => word.length + (/[a-z][A-Z]|_/.test(word) ? 20 : 0);
  return [...words].filter((word) => !isCommon(word)).sort((a, b) => worth(b) - worth(a));
}

function isSource(path: string): boolean {
  return (
    !isTestPath(path) &&
    languageOf(path) !== undefined &&
    !/(?:^|\/)(?:docs?|examples?|vendor|dist|build|bench(?:marks?)?|locales?|fixtures?|mocks?)\//.test(path)
  );
}
