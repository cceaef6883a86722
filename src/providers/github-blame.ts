import { isRecord } from '../bounds.ts';
import type { SourceCommit } from '../types.ts';

/** Who last touched each line of a file, at a commit (GitHub's GraphQL API, `Commit.blame`). */
export const BLAME_QUERY = `query ($owner: String!, $repo: String!, $sha: GitObjectID!, $path: String!) {
  repository(owner: $owner, name: $repo) {
    object(oid: $sha) {
      ... on Commit {
        blame(path: $path) {
          ranges { startingLine endingLine commit { oid messageHeadline url authoredDate author { name } } }
        }
      }
    }
  }
}`;

/** The commits behind some lines, newest first; empty for an answer that has none. */
export function commitsOfLines(
  answer: unknown,
  lines: { readonly startLine: number; readonly endLine: number },
): readonly SourceCommit[] {
  const commits = new Map<string, SourceCommit>();
  for (const range of rangesOf(answer)) {
    if (!isRecord(range)) continue;
    const { startingLine, endingLine, commit } = range;
    if (typeof startingLine !== 'number' || typeof endingLine !== 'number') continue;
    if (startingLine > lines.endLine || endingLine < lines.startLine) continue;
    const found = toCommit(commit);
    if (found) commits.set(found.sha, found);
  }
  return [...commits.values()].sort((a, b) => b.date - a.date);
}

function rangesOf(answer: unknown): readonly unknown[] {
  let value = answer;
  for (const field of ['repository', 'object', 'blame', 'ranges']) {
    if (!isRecord(value)) return [];
    value = value[field];
  }
  return Array.isArray(value) ? value : [];
}

function toCommit(commit: unknown): SourceCommit | undefined {
  if (!isRecord(commit) || typeof commit.oid !== 'string') return undefined;
  const { oid, messageHeadline, url, authoredDate, author } = commit;
  const date = typeof authoredDate === 'string' ? Date.parse(authoredDate) : Number.NaN;
  return {
    sha: oid,
    author: isRecord(author) && typeof author.name === 'string' ? author.name : 'unknown',
    date: Number.isNaN(date) ? 0 : date,
    message: typeof messageHeadline === 'string' ? messageHeadline : '',
    ...(typeof url === 'string' && { url }),
  };
}
