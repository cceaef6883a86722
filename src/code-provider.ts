import type { Milliseconds, Timestamp } from './units.ts';

/** How long and on whose behalf a provider may work. */
export interface ProviderCallOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: Milliseconds;
}

/** One file as it was read. */
export interface SourceFile {
  /** Path in the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The commit at which it was read, when there is one. */
  readonly commit?: string;
  /** Which state that is: the one that was asked for, or what stands in for it. @defaultValue `asked` */
  readonly state?: 'asked' | 'default-branch' | 'working-tree';
}

/** One commit that touched a file. */
export interface SourceCommit {
  readonly sha: string;
  readonly author: string;
  readonly date: Timestamp;
  /** The first line of its message. */
  readonly message: string;
  /** Where to read it. */
  readonly url?: string;
}

/** A commit that may have brought an error: one of the latest to the code that failed. */
export interface SuspectCommit extends SourceCommit {
  /** The file that it touched. */
  readonly file: string;
  /** What it did there: the hunk of its diff that is nearest to the code that failed, redacted, at most 30 lines. */
  readonly hunk?: string;
}

/** Options of `recentCommits`. */
export interface RecentCommitsOptions extends ProviderCallOptions {
  /** The lines that matter, 1-based and inclusive: the function that failed. */
  readonly lines?: { readonly startLine: number; readonly endLine: number };
}

/** Source around a citation, redacted, for a person to read. */
export interface CitedCode {
  /** As the evidence has them: the two name the citation. */
  readonly file: string;
  readonly line: number;
  /** The commit at which it was read now, where there is one. */
  readonly commit?: string;
  /** The number of the first of `lines`, 1-based. */
  readonly startLine: number;
  readonly lines: readonly string[];
  /** The lines that are cited, 1-based and inclusive. */
  readonly cited: { readonly startLine: number; readonly endLine: number };
}

/** What was found around citations. */
export interface CitedCodeFound {
  readonly code: readonly CitedCode[];
  /** False when a code host could not be asked: another time it may be more. */
  readonly complete: boolean;
}

/** Which state of which repository. */
export interface RepositoryRef {
  readonly repositoryUrl?: string;
  readonly commit?: string;
}

/**
 * The port of a code host. Every method answers `undefined` for what is not there and rejects with a
 * `PatrolError` (`SOURCE_UNAVAILABLE`, `REPOSITORY_NOT_ALLOWED`) for what could not be asked.
 */
export interface RepositoryCodeProvider {
  readonly name: string;
  /** Throws `REPOSITORY_NOT_ALLOWED` when code of that repository may not be read; says nothing otherwise. */
  assertAllowed(repository: RepositoryRef): void;
  /** Maps a path from a stack to one in the repository: undefined when there is none or several. */
  locate(
    repository: RepositoryRef,
    stackPath: string,
    options?: ProviderCallOptions,
  ): Promise<string | undefined>;
  /** Reads a file by its path in the repository. */
  readFile(
    repository: RepositoryRef,
    path: string,
    options?: ProviderCallOptions,
  ): Promise<SourceFile | undefined>;
  /** The paths of all files, so that Patrol can look further than the stack. Left out where listing is dear. */
  listFiles?(
    repository: RepositoryRef,
    options?: ProviderCallOptions,
  ): Promise<readonly string[] | undefined>;
  /** The paths of files that hold a word, best first; asked where a stack names no file of the repository. */
  searchFiles?(
    repository: RepositoryRef,
    word: string,
    options?: ProviderCallOptions,
  ): Promise<readonly string[]>;
  /**
   * What names a file's content at the repository's commit, such as git's blob hash: equal for equal contents. By
   * it a cached analysis outlives a deploy that leaves the cited code alone.
   */
  versionOf?(
    repository: RepositoryRef,
    path: string,
    options?: ProviderCallOptions,
  ): Promise<string | undefined>;
  /** The latest commits that touched a file, newest first, at most `count`; those of the lines where that is known. */
  recentCommits?(
    repository: RepositoryRef,
    path: string,
    count: number,
    options?: RecentCommitsOptions,
  ): Promise<readonly SourceCommit[]>;
  /**
   * What a commit did to a file, as the hunks of a unified diff; undefined where that is not known. Asked for the
   * few commits that `recentCommits` named, with the path as it is now.
   */
  changeOf?(
    repository: RepositoryRef,
    sha: string,
    path: string,
    options?: ProviderCallOptions,
  ): Promise<string | undefined>;
}
