import { isRecord, truncate } from '../../src/bounds.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { createCodeProvider } from '../../src/create-providers.ts';
import { messageOf } from '../../src/errors.ts';
import { type Finding, type Findings, findingsOf } from './finding.ts';
import { ask, type OnClock, TIMEOUT } from './server.ts';

/** The repositories: that each can be read, what the token may do, and how many requests are left. */
export async function checkRepositories(config: PatrolConfig, onClock: OnClock): Promise<readonly Finding[]> {
  const found = findingsOf('repository');
  const { defaultRepositoryUrl, repositoryUrlMap, allowedRepositories, githubApiUrl, githubToken } = config;
  const urls = [
    ...new Set(
      [
        defaultRepositoryUrl,
        ...Object.values(repositoryUrlMap),
        ...allowedRepositories.map((name) => `https://github.com/${name}`),
      ].filter((url) => url !== undefined),
    ),
  ];
  if (urls.length === 0) {
    return [
      found.unused(
        'None is allowed: a sink analyses without code. Set PATROL_ALLOWED_REPOSITORIES to owner/repo.',
      ),
    ];
  }
  const { sourceRoot: _, ...remote } = config;
  const provider = await createCodeProvider({ ...remote, sourceRoot: undefined });
  const readable = await Promise.all(
    urls.map(async (repositoryUrl): Promise<Finding> => {
      try {
        const files = await provider?.listFiles?.({ repositoryUrl }, { timeoutMs: TIMEOUT });
        return files && files.length > 0
          ? found.ok(`${repositoryUrl} can be read: ${files.length} files.`)
          : found.warning(`${repositoryUrl} shows no files.`, 'Check its name, and that it is not empty.');
      } catch (error) {
        return found.failed(
          `${repositoryUrl}: ${messageOf(error)}`,
          'Give GITHUB_TOKEN read access to its contents, and check its name.',
        );
      }
    }),
  );
  return [...readable, ...(await checkToken(githubApiUrl, githubToken, found, onClock))];
}

async function checkToken(
  apiUrl: string,
  token: string | undefined,
  found: Findings,
  onClock: OnClock,
): Promise<readonly Finding[]> {
  try {
    const headers = {
      accept: 'application/vnd.github+json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const response = await ask(`${apiUrl.replace(/\/+$/, '')}/rate_limit`, { headers }, onClock);
    const scopes = (response.headers.get('x-oauth-scopes') ?? '').split(/,\s*/).filter(Boolean);
    const wide = scopes.filter((scope) => scope !== 'read:org' && scope !== 'public_repo');
    const body: unknown = response.ok ? await response.json() : undefined;
    const core =
      isRecord(body) && isRecord(body.resources) && isRecord(body.resources.core) ? body.resources.core : {};
    const { limit, remaining } = core;
    return [
      ...(wide.length > 0
        ? [
            found.warning(
              `GITHUB_TOKEN may do more than read (${truncate(wide.join(', '), 200)}).`,
              'Take a fine-grained token, or a GitHub App, that may only read the contents of these repositories.',
            ),
          ]
        : []),
      ...(typeof remaining === 'number' && typeof limit === 'number'
        ? [
            remaining < limit / 10
              ? found.warning(
                  `${remaining} of ${limit} requests to GitHub are left this hour.`,
                  'Wait, or give Patrol a token of its own.',
                )
              : found.ok(`${remaining} of ${limit} requests to GitHub are left this hour.`),
          ]
        : []),
    ];
  } catch {
    // Whether GitHub can be reached has been said of each repository.
    return [];
  }
}
