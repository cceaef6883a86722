import type { ProviderCallOptions, RecentCommitsOptions, RepositoryRef, SourceCommit } from '../types.ts';

/** A file of a tree. */
export interface TreeFile {
  /** What names its content, such as git's blob hash. */
  readonly version: string;
  /** In bytes; 0 where the host does not say. */
  readonly size: number;
}

/** A file that is to be read. */
export interface WantedFile {
  readonly sha: string;
  readonly path: string;
  /** Looks it up in the tree, where a host reads by content; undefined for what is no file or too large. */
  readonly find: () => Promise<TreeFile | undefined>;
}

/**
 * What a place that holds git repositories is asked; `RepositoryReader` does the rest (which state, which path,
 * what may be read, what is kept). Each method answers `undefined`, or nothing, for what is not there, and rejects
 * with a `PatrolError` (`SOURCE_UNAVAILABLE`) for what could not be asked.
 */
export interface CodeHost {
  readonly name: string;
  /**
   * The repository as it is configured: an event's own spelling goes nowhere.
   *
   * @throws {PatrolError} `REPOSITORY_NOT_ALLOWED`
   */
  repositoryOf(ref: RepositoryRef): string;
  /** Says that a repository cannot be seen, and what to do. */
  missing(repository: string): string;
  /** The whole hash of a commit, tag or branch, or of `HEAD`. */
  commit(repository: string, ref: string, options: ProviderCallOptions): Promise<string | undefined>;
  /** Whether a commit is better asked for by its files, which are needed anyway. */
  readonly filesTellCommit: boolean;
  /** All files at a commit, by path, without links. */
  files(
    repository: string,
    sha: string,
    options: ProviderCallOptions,
  ): Promise<ReadonlyMap<string, TreeFile> | undefined>;
  /** The bytes of a file. */
  read(repository: string, file: WantedFile, options: ProviderCallOptions): Promise<Buffer | undefined>;
  /** Paths of files that hold a word. */
  search(
    repository: string,
    word: string,
    sha: () => Promise<string>,
    options: ProviderCallOptions,
  ): Promise<readonly string[]>;
  /** The latest commits to a file, or to its lines. */
  history(
    repository: string,
    sha: string,
    path: string,
    count: number,
    options: RecentCommitsOptions,
  ): Promise<readonly SourceCommit[]>;
  /** The hunks of one commit in one file. */
  change(
    repository: string,
    sha: string,
    path: string,
    options: ProviderCallOptions,
  ): Promise<string | undefined>;
}
