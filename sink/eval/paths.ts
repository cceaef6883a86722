import { openSource } from '../../src/code-context/source.ts';
import { selectTargets } from '../../src/code-context/targets.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { RepositoryCodeProvider } from '../../src/types.ts';
import { type Deployment, deployments } from './deployments.ts';

/** How path mapping did over all deployments. */
export interface PathReport {
  readonly cases: number;
  readonly right: number;
  /** No file was named where one was meant: said in the analysis, and harmless. */
  readonly abstained: number;
  readonly wrong: number;
  /** The wrong ones, for whoever mends them. */
  readonly mistakes: readonly string[];
  /** Those that abstained. */
  readonly unknown: readonly string[];
}

/** Headers that let a stack of one frame be read as what it is. */
const HEADERS: readonly (readonly [frame: RegExp, before: string, after?: string])[] = [
  [/^ {4}at /, 'TypeError: boom\n'],
  [/^ {2}File "/, 'Traceback (most recent call last):\n', '\n    run()\nValueError: boom'],
  [/^\tat /, 'java.lang.IllegalStateException: boom\n'],
  [/\n\t/, 'panic: boom\n\ngoroutine 1 [running]:\n'],
  [/:in `/, 'RuntimeError: boom\n'],
  [/^#0 /, 'PHP Fatal error:  Uncaught Error: boom\nStack trace:\n', '\n#1 {main}'],
  [/^ {3}at /, 'System.Exception: boom\n'],
];

/** Maps every file of every deployment from its stack back to its repository, and what is foreign to nothing. */
export async function measurePaths(): Promise<PathReport> {
  let right = 0;
  const mistakes: string[] = [];
  const unknown: string[] = [];
  for (const deployment of deployments) {
    const locate = await locatorOf(deployment);
    for (const { shown, wanted } of casesOf(deployment)) {
      const found = await locate(shown);
      const line = `${deployment.layout}: ${shown.trim()} → ${found ?? 'none'}, wanted ${wanted ?? 'none'}`;
      if (found === wanted) right++;
      else if (found === undefined) unknown.push(line);
      else mistakes.push(line);
    }
  }
  const cases = right + unknown.length + mistakes.length;
  return { cases, right, abstained: unknown.length, wrong: mistakes.length, mistakes, unknown };
}

function* casesOf({
  files,
  shown,
  foreign,
}: Deployment): Generator<{ shown: string; wanted: string | undefined }> {
  for (const path of files) {
    const frame = shown(path);
    if (frame !== undefined) yield { shown: frame, wanted: path };
  }
  for (const frame of foreign) yield { shown: frame, wanted: undefined };
}

/** The way that a frame takes in an analysis: stack, targets, repository. */
async function locatorOf({
  files,
  repository,
}: Deployment): Promise<(frame: string) => Promise<string | undefined>> {
  const provider: RepositoryCodeProvider = {
    name: 'a listing',
    assertAllowed: () => {},
    locate: () => Promise.resolve(undefined),
    readFile: () => Promise.resolve(undefined),
    listFiles: () => Promise.resolve(files),
  };
  const source = await openSource(
    provider,
    { repositoryUrl: `https://github.com/${repository}` },
    { maxFiles: 0, list: true },
    { signal: new AbortController().signal },
  );
  return async (frame) => {
    const [, before = '', after = ''] = HEADERS.find(([form]) => form.test(frame)) ?? [];
    const stack = parseStackTrace(`${before}${frame}${after}`);
    const [target] = selectTargets({ message: 'boom' }, stack);
    return target && source.locate(target);
  };
}
