import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AnalysisResult, Milliseconds, RepositoryCodeProvider, RepositoryRef } from './types.ts';

/** The code on which an analysis rests. */
export interface Basis {
  /** The commit of the event that was analysed. */
  readonly commit: string;
  /** Cited file → what names its content at that commit (git's blob hash). */
  readonly versions: Readonly<Record<string, string>>;
}

/** Files of one analysis that are compared. */
const MAX_FILES = 8;
/** How long a code host that could not be asked is left alone; until then cached answers are taken as they are. */
const TROUBLE_TTL: Milliseconds = 60_000;
/** Time for one comparison: a cached answer is not worth a longer wait. */
const TIMEOUT_MS: Milliseconds = 5000;

/** Tells whether cached analyses still stand when the code is deployed anew. */
export interface BasisCheck {
  /** What an analysis rests on; undefined when nothing in it can be compared. */
  basisOf(
    result: Pick<AnalysisResult, 'evidence' | 'location'>,
    repository: RepositoryRef,
  ): Promise<Basis | undefined>;
  /**
   * Undefined while the cited files are at the event's commit what they were; else a short text that names their
   * new contents. What cannot be found out counts as unchanged.
   */
  changedSince(basis: Basis, repository: RepositoryRef): Promise<string | undefined>;
}

/** Compares by the code host's own names of contents, so that no file is read for it. */
export function createBasisCheck(provider: RepositoryCodeProvider | undefined): BasisCheck {
  const troubled = new LRUCache<string, true>({ max: 100, ttl: TROUBLE_TTL });

  const versionsOf = async (files: readonly string[], repository: RepositoryRef) => {
    const key = `${repository.repositoryUrl ?? ''} ${repository.commit ?? ''}`;
    if (!provider?.versionOf || repository.commit === undefined || troubled.has(key)) return undefined;
    const versions: Record<string, string> = {};
    try {
      const options = { timeoutMs: TIMEOUT_MS, signal: AbortSignal.timeout(TIMEOUT_MS) };
      for (const file of files) {
        // A file that is gone has a version, too: none.
        versions[file] = (await provider.versionOf(repository, file, options)) ?? 'gone';
      }
      return versions;
    } catch {
      troubled.set(key, true);
      return undefined;
    }
  };

  return {
    async basisOf({ evidence, location }, repository) {
      const cited = evidence.filter(({ verified }) => verified).map(({ file }) => file);
      const files = [...new Set([...cited, ...(location ? [location.file] : [])])].slice(0, MAX_FILES);
      const versions = await versionsOf(files, repository);
      const known = Object.entries(versions ?? {}).filter(([, version]) => version !== 'gone');
      if (repository.commit === undefined || known.length === 0) return undefined;
      return { commit: repository.commit, versions: Object.fromEntries(known) };
    },
    async changedSince(basis, repository) {
      if (repository.commit === undefined || repository.commit === basis.commit) return undefined;
      const versions = await versionsOf(Object.keys(basis.versions), repository);
      if (
        !versions ||
        Object.entries(basis.versions).every(([file, version]) => versions[file] === version)
      ) {
        return undefined;
      }
      return createHash('sha256').update(JSON.stringify(versions)).digest('hex').slice(0, 16);
    },
  };
}
