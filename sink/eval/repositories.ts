import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { messageOf, PatrolError } from '../../src/errors.ts';
import { parseErrorLogEvent } from '../../src/event.ts';
import type { ContextCase } from './case.ts';
import { ownCases } from './own-cases/index.ts';
import type { OwnCase } from './own-cases/own-case.ts';

/** A case, and the git directory that holds its repository. */
export interface PlacedCase extends ContextCase {
  readonly directory: string;
}

const run = promisify(execFile);
/** Repositories that are built side by side. */
const BUILDS = 4;
/** So that a repository has the same commits wherever it is built. */
const AUTHOR = {
  GIT_AUTHOR_NAME: 'Patrol',
  GIT_AUTHOR_EMAIL: 'patrol@example.org',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Patrol',
  GIT_COMMITTER_EMAIL: 'patrol@example.org',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/**
 * Builds the repositories of Patrol's own cases in a temporary folder and hands them over; the folder is gone
 * afterwards.
 *
 * @param isWanted - Which cases to build. @defaultValue all
 * @throws {PatrolError} `SOURCE_UNAVAILABLE` where git cannot be run.
 */
export async function withOwnCases<T>(
  use: (cases: readonly PlacedCase[]) => Promise<T>,
  isWanted: (one: OwnCase) => boolean = () => true,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'patrol-eval-'));
  try {
    const limit = pLimit(BUILDS);
    const placed = await Promise.all(ownCases.filter(isWanted).map((one) => limit(() => place(one, folder))));
    return await use(placed);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function place(
  { id, language, kind, fixed, files, errorLog }: OwnCase,
  folder: string,
): Promise<PlacedCase> {
  const directory = join(folder, id);
  const commit = await build(directory, files);
  const repository = `patrol/${id}`;
  const event = parseErrorLogEvent({ errorLog, commit, repositoryUrl: `https://github.com/${repository}` });
  return { id, language, kind, fixed, repository, commit, directory, event };
}

/** The git directory of a repository in a folder of mirrors: `<owner>+<name>/repo`, also bare or with work tree. */
export async function findMirror(mirrors: string, repository: string): Promise<string | undefined> {
  const folder = join(mirrors, repository.replace('/', '+'));
  for (const directory of [join(folder, 'repo'), folder]) {
    for (const head of ['HEAD', '.git']) {
      if (await stat(join(directory, head)).catch(() => undefined)) return directory;
    }
  }
  return undefined;
}

async function build(directory: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(directory, { recursive: true });
  const git = async (...args: readonly string[]): Promise<string> => {
    const alone = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
    const env = { PATH: process.env.PATH, HOME: directory, ...AUTHOR, ...alone };
    return (await run('git', args, { cwd: directory, env })).stdout;
  };
  try {
    await git('init', '--quiet', '--initial-branch=main');
    for (const [path, text] of Object.entries(files)) {
      const file = join(directory, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '-m', 'As it was before the fix');
    return (await readFile(join(directory, '.git/refs/heads/main'), 'utf8')).trim();
  } catch (cause) {
    throw new PatrolError('SOURCE_UNAVAILABLE', `The evaluation needs git: ${messageOf(cause)}`, { cause });
  }
}
