import { unlessAborted } from '../abort.ts';
import { truncate } from '../bounds.ts';
import { visibleText } from '../plain-text.ts';
import { redact } from '../redaction.ts';
import type {
  Milliseconds,
  ProviderCallOptions,
  RepositoryCodeProvider,
  RepositoryRef,
  SourceCommit,
  SuspectCommit,
} from '../types.ts';
import type { CodeBlock } from './collector.ts';
import { nearestHunk } from './hunk.ts';

/** Commits that are named, and those whose change is looked at: each is a request to the code host. */
const MAX_COMMITS = 3;
const MAX_CHANGES = 2;
const HASH = /^[0-9a-f]{7,64}$/;
/** The last moment that a `Date` can hold (ECMA-262, 21.4.1.1). */
const MAX_DATE: Milliseconds = 8.64e15;

/**
 * The latest commits to the function that failed, or to its file where the host does not know lines, the first of
 * them with what they did there. A help, not a need: what cannot be had is left out, and nothing is thrown.
 */
export async function findSuspects(
  provider: RepositoryCodeProvider,
  repository: RepositoryRef,
  file: string,
  blocks: readonly CodeBlock[],
  options: ProviderCallOptions & { readonly signal: AbortSignal },
): Promise<readonly SuspectCommit[]> {
  if (!provider.recentCommits) return [];
  const failing = blocks.find((block) => block.file === file && block.highlightLine !== undefined);
  const lines = failing && { startLine: failing.startLine, endLine: failing.endLine };
  try {
    const asked = provider.recentCommits(repository, file, MAX_COMMITS, {
      ...options,
      ...(lines && { lines }),
    });
    const commits = (await unlessAborted(asked, options.signal))
      .filter(({ sha }) => HASH.test(sha))
      .slice(0, MAX_COMMITS);
    const hunks = await Promise.all(
      commits.slice(0, MAX_CHANGES).map(async ({ sha }) => {
        const change = provider.changeOf?.(repository, sha, file, options);
        const diff = change && (await unlessAborted(change, options.signal).catch(() => undefined));
        return diff === undefined ? undefined : nearestHunk(diff, failing);
      }),
    );
    return commits.map((commit, index) => toSuspect(commit, file, hunks[index]));
  } catch {
    return [];
  }
}

/** Whoever may push may write anything into author and message: it ends in logs and chats. */
function toSuspect(
  { sha, author, date, message, url }: SourceCommit,
  file: string,
  hunk: string | undefined,
): SuspectCommit {
  return {
    sha,
    author: redact(truncate(visibleText(author.slice(0, 500)), 100)),
    date: Math.abs(date) <= MAX_DATE ? date : 0,
    message: redact(truncate(visibleText(message.slice(0, 1000)), 200)),
    ...(url !== undefined && /^https?:\/\/\S{1,500}$/.test(url) && { url: redact(url) }),
    file,
    ...(hunk !== undefined && { hunk }),
  };
}
