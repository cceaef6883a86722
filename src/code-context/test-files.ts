import type { PathIndex } from '../path-mapping.ts';

const TEST_FOLDER = /(?:^|\/)(?:tests?|specs?|__tests__|testing|e2e|testdata|androidTest)\//i;
const TEST_NAME =
  /(?:[._-](?:test|spec|tests)\.\w+|^tests?_[^/]*\.py|(?:Tests?|TestCase|IT|Spec)\.(?:java|kt|scala|cs|php|groovy))$/;

/** Whether a file holds tests: its code tells what was done, seldom what is wrong. */
export function isTestPath(path: string): boolean {
  return TEST_FOLDER.test(path) || TEST_NAME.test(path.slice(path.lastIndexOf('/') + 1));
}

/** The file that a test is about, by its name: `CartTest.java` → `Cart.java`, `test/cart.js` → `lib/cart.js`. */
export function subjectOf(testPath: string, index: PathIndex): string | undefined {
  const name = testPath.slice(testPath.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot);
  const stem = name
    .slice(0, dot)
    .replace(/[._-](?:test|spec|tests)$/, '')
    .replace(/^(?:tests?|spec)_/, '')
    .replace(/(?:Tests?|TestCase|IT|Spec)$/, '')
    .replace(/^Test(?=[A-Z])/, '');
  const candidates = index.named(stem + extension).filter((path) => path !== testPath && !isTestPath(path));
  if (candidates.length <= 1) return candidates[0];
  const folders = new Set(testPath.split('/').slice(0, -1));
  const ranked = candidates
    .map((path) => ({ path, shared: path.split('/').filter((part) => folders.has(part)).length }))
    .sort((a, b) => b.shared - a.shared);
  const [best, next] = ranked;
  return best && next && best.shared > next.shared ? best.path : undefined;
}
