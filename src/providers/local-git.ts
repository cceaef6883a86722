import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { messageOf, PatrolError } from '../errors.ts';
import type {
  Milliseconds,
  ProviderCallOptions,
  RecentCommitsOptions,
  RepositoryRef,
  SourceCommit,
} from '../types.ts';
import type { CodeHost, TreeFile } from './code-host.ts';
import { DEFAULT_MAX_FILE_SIZE, RepositoryReader } from './repository-reader.ts';

/** Options of {@link LocalGitCodeProvider}. */
export interface LocalGitOptions {
  /** A git working tree, a folder in one, or a bare repository; nothing outside the folder is read. */
  readonly directory: string;
  /** Larger files are not read, in bytes. @defaultValue 1 048 576 */
  readonly maxFileSize?: number;
  /** Time for one call of git. @defaultValue 5000 */
  readonly timeoutMs?: Milliseconds;
}

const DEFAULT_TIMEOUT_MS: Milliseconds = 5000;
/** Following lines back through a long history can take minutes; the file's own commits are a good second. */
const LINES_TIMEOUT_MS: Milliseconds = 2000;
/** A listing of 100 000 paths has some 10 MB. */
const MAX_LISTING_BYTES = 32 * 1024 * 1024;
/** Between the fields of a commit in git's answers. */
const FIELD = '\u001f';

/**
 * Reads code as it was committed, from a git repository on this machine: at the event's commit where git has it,
 * else at `HEAD`. Runs `git` without a shell, without hooks, filters or the network; only what the repository
 * already holds is read.
 */
export class LocalGitCodeProvider extends RepositoryReader {
  readonly #directory: string;

  constructor(options: LocalGitOptions) {
    const directory = resolve(options.directory);
    super(createGitHost(directory, options), options.maxFileSize);
    this.#directory = directory;
  }

  /** A path in the folder itself is the file's own; others are matched by their ends. */
  override async locate(
    repository: RepositoryRef,
    stackPath: string,
    options: ProviderCallOptions = {},
  ): Promise<string | undefined> {
    if (isAbsolute(stackPath)) {
      const real = await realpath(this.#directory).catch(() => this.#directory);
      for (const base of new Set([this.#directory, real])) {
        const inside = relative(base, stackPath).split(sep).join('/');
        if (inside === '' || inside.startsWith('../')) continue;
        // Among the whole paths of the tree, a whole path matches no other.
        if ((await super.locate(repository, inside, options)) === inside) return inside;
      }
    }
    return super.locate(repository, stackPath, options);
  }
}

function createGitHost(directory: string, options: LocalGitOptions): CodeHost {
  const maxBuffer = Math.max(MAX_LISTING_BYTES, options.maxFileSize ?? DEFAULT_MAX_FILE_SIZE);
  const bytes = (args: readonly string[], { signal, timeoutMs }: ProviderCallOptions): Promise<Buffer> =>
    new Promise((done, fail) => {
      execFile(
        'git',
        ['--no-pager', '--no-optional-locks', '--literal-pathspecs', ...args],
        {
          cwd: directory,
          encoding: 'buffer',
          maxBuffer,
          timeout: Math.min(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, timeoutMs ?? Number.POSITIVE_INFINITY),
          killSignal: 'SIGKILL',
          windowsHide: true,
          env: gitEnvironment(),
          ...(signal && { signal }),
        },
        (error, stdout) => (error ? fail(failed(error)) : done(stdout)),
      );
    });
  const git = async (args: readonly string[], call: ProviderCallOptions): Promise<string> =>
    (await bytes(args, call)).toString('utf8');

  return {
    name: 'local git',
    /** Whoever chose the directory allowed it. */
    repositoryOf: () => '',
    missing: () => `${directory} is no git repository with a commit, or git is not installed.`,
    filesTellCommit: false,

    commit: (_repository, ref, call) =>
      git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], call).catch(() => undefined),

    files: async (_repository, sha, call) => toFiles(await git(['ls-tree', '-r', '-l', '-z', sha], call)),

    async read(_repository, { find }, call) {
      const file = await find();
      return file && bytes(['cat-file', 'blob', file.version], call);
    },

    async search(_repository, word, sha, call) {
      const at = await sha();
      const found = await git(['grep', '-lIFz', '--max-depth=12', '-e', word, at, '--'], call).catch(
        () => '',
      );
      return found
        .split('\u0000')
        .filter(Boolean)
        .map((path) => path.slice(at.length + 1));
    },

    /** With `lines`, the commits that touched those lines; git follows them back through their changes. */
    async history(_repository, sha, path, count, call: RecentCommitsOptions) {
      const form = ['log', `-${count}`, '--no-show-signature', '--format=%H%x1f%an%x1f%at%x1f%s'];
      const { lines } = call;
      const byFile = (): Promise<string> => git([...form, sha, '--', path], call);
      const byLines = lines && ['-s', ...NO_PROGRAMS, `-L${lines.startLine},${lines.endLine}:${path}`, sha];
      const log = await (byLines
        ? git([...form, ...byLines], { ...call, timeoutMs: LINES_TIMEOUT_MS }).catch(byFile)
        : byFile());
      return log.split('\n').flatMap((row) => toCommit(row) ?? []);
    },

    async change(_repository, sha, path, call) {
      const args = ['show', '--format=', '--no-color', '--no-show-signature', '--relative', ...NO_PROGRAMS];
      const diff = await git([...args, sha, '--', path], call);
      const start = diff.search(/^@@ /m);
      return start < 0 ? undefined : diff.slice(start);
    },
  };
}

/** A repository's own configuration could name programs that show differences. */
const NO_PROGRAMS = ['--no-ext-diff', '--no-textconv'];

/** Of the process's own variables only what git needs to run: neither another repository nor the application's secrets. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, USERPROFILE, SystemRoot } = process.env;
  return {
    PATH,
    HOME,
    USERPROFILE,
    SystemRoot,
    LC_ALL: 'C',
    // A partial clone would fetch what it lacks, and a credential helper would ask.
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}

function toFiles(listing: string): ReadonlyMap<string, TreeFile> {
  const files = new Map<string, TreeFile>();
  for (const row of listing.split('\u0000')) {
    // Links have the mode 120000, submodules the type commit.
    const match = /^100\d{3} blob ([0-9a-f]{40,64}) +(\d{1,15})\t([\s\S]+)$/.exec(row);
    const [, version, size, path] = match ?? [];
    if (version !== undefined && path !== undefined) files.set(path, { version, size: Number(size) });
  }
  return files;
}

function toCommit(row: string): SourceCommit | undefined {
  const [sha, author, seconds, message] = row.split(FIELD);
  if (sha === undefined || author === undefined || message === undefined) return undefined;
  return { sha, author, date: Number(seconds) * 1000, message };
}

function failed(error: Error): PatrolError {
  return new PatrolError('SOURCE_UNAVAILABLE', `git failed: ${messageOf(error)}`, { cause: error });
}
