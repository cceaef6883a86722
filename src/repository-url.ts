/** A repository as a code host knows it. */
export interface RepositoryName {
  readonly owner: string;
  readonly repo: string;
}

/** What GitHub allows in names, and GitLab and Bitbucket with it. A name of dots alone would be a path. */
const NAME = /^(?!\.{1,2}$)[\w.-]{1,100}$/;
const SSH = /^[\w.-]{1,64}@[\w.-]{1,253}:(?:\d{1,5}\/)?([^/]+)\/([^/]+)$/;
const MAX_LENGTH = 2048;

/**
 * Reads `owner/repo`, `https://host/owner/repo(.git)(/…)`, `ssh://git@host/owner/repo` or
 * `git@host:owner/repo.git`. Undefined for anything else.
 */
export function parseRepositoryUrl(url: string): RepositoryName | undefined {
  const text = url.trim();
  if (text === '' || text.length > MAX_LENGTH) return undefined;
  const ssh = SSH.exec(text);
  if (ssh) return toName(ssh[1], ssh[2]);
  if (!text.includes('://')) {
    const parts = text.split('/');
    return parts.length === 2 ? toName(parts[0], parts[1]) : undefined;
  }
  let parsed: URL;
  try {
    parsed = new URL(text.replace(/^git\+/, ''));
  } catch {
    return undefined;
  }
  if (!/^(?:https?|ssh|git):$/.test(parsed.protocol)) return undefined;
  const [owner, repo] = parsed.pathname.split('/').filter(Boolean);
  return toName(owner, repo);
}

function toName(owner: string | undefined, repo: string | undefined): RepositoryName | undefined {
  const name = repo?.replace(/\.git$/, '');
  if (owner === undefined || name === undefined || !NAME.test(owner) || !NAME.test(name)) return undefined;
  return { owner, repo: name };
}
