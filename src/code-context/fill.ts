import { rankFunctions, toQuery } from './relevance.ts';
import { searchFiles } from './search.ts';
import { showFunction } from './show.ts';
import type { FileForm } from './source.ts';
import { isTestPath } from './test-files.ts';
import type { WalkInput } from './walk.ts';

/**
 * What is left is filled with further functions up to this share of the budget, where no frame is the fault's the
 * whole of it. This and the weights were set on real bugs with their fixes.
 */
const SHARE = 0.7;
/** Where the walk left this share of the budget, files that no frame and no call names are looked for. */
const LEFT_FOR_SEARCH = 0.4;
/** What a word of these counts for. */
const WEIGHT = { message: 2, testPath: 2, testCode: 1, fileName: 1, failingCode: 0.5 };

/** What the walk along calls has found out. */
export interface Walked {
  /** The code of the tests that failed, where no frame is another one. */
  readonly tests: readonly string[] | undefined;
  /** Files that tests are about, by their names. */
  readonly subjects: ReadonlySet<string>;
}

/** Uses what is left of the budget for functions that no call leads to, those first that share words with the error. */
export async function fill(input: WalkInput, { tests, subjects }: Walked): Promise<void> {
  const { source, collector, frames, characters, message, lost } = input;
  const query = toQuery([
    [message, WEIGHT.message],
    // Files that are not in the repository may still be named after what they are about.
    ...lost.map((path): Weighted => [path.slice(path.lastIndexOf('/') + 1), WEIGHT.message]),
    ...frames.map(
      ({ path }): Weighted =>
        tests ? [topicOf(path), WEIGHT.testPath] : [path.slice(path.lastIndexOf('/') + 1), WEIGHT.fileName],
    ),
    ...(tests ?? []).map((code): Weighted => [code, WEIGHT.testCode]),
    ...collector
      .blocks()
      .filter(({ file, highlightLine }) => highlightLine !== undefined && !isTestPath(file))
      .map(({ text }): Weighted => [text, WEIGHT.failingCode]),
  ]);
  const search = tests !== undefined || collector.left() > characters * LEFT_FOR_SEARCH;
  const found = search ? await searchFiles(source, { query, message, tests }) : [];
  const paths = [
    ...subjects,
    ...found,
    ...frames.map(({ path }) => path).filter((path) => !isTestPath(path)),
    // Where only a test is known, the fault lies somewhere in what it reached.
    ...(tests ? source.opened().map(({ path }) => path) : []),
  ];
  const files: FileForm[] = [];
  for (const path of new Set(paths)) {
    const file = isTestPath(path) ? undefined : await source.open(path);
    if (file) files.push(file);
  }
  const least = tests ? 0 : characters * (1 - SHARE);
  for (const { file, definition } of rankFunctions(files, query)) {
    if (collector.left() < least) return;
    showFunction(collector, file, definition, 'that shares words with the error', characters);
  }
}

type Weighted = readonly [text: string, weight: number];

/** Folders and name of a test without what only says that it is one. */
function topicOf(path: string): string {
  return path.replaceAll(NOT_A_TOPIC, ' ');
}

const NOT_A_TOPIC =
  /(?:^|[/._-])(?:tests?|specs?|__tests__|functional|unit|integration|e2e|src|lib|java|main|packages)(?=[/._-])/gi;
