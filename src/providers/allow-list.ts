import { describeShape, PatrolError } from '../errors.ts';
import type { RepositoryRef } from '../types.ts';

/**
 * Makes the check that every code host begins with: the repository of an event, as the list spells it.
 *
 * @param entries - Repositories whose code may be read.
 * @param read - Turns `owner/repo` or a URL into `owner/repo`; undefined for what names no repository.
 * @throws {PatrolError} `CONFIG_INVALID` for an entry that names no repository; the check throws
 *   `REPOSITORY_NOT_ALLOWED`.
 */
export function createAllowList(
  entries: readonly string[],
  read: (url: string) => string | undefined,
): (ref: RepositoryRef) => string {
  const allowed = new Map<string, string>();
  for (const entry of entries) {
    const name = read(entry);
    if (name === undefined) {
      throw new PatrolError(
        'CONFIG_INVALID',
        `Expected each allowed repository to be owner/repo or a URL of it, got ${describeShape(entry)}.`,
      );
    }
    // Code hosts ignore case.
    allowed.set(name.toLowerCase(), name);
  }
  return ({ repositoryUrl }) => {
    if (repositoryUrl === undefined) {
      throw notAllowed('The event names no repository and DEFAULT_REPOSITORY_URL is not set.');
    }
    const name = read(repositoryUrl);
    if (name === undefined) {
      throw notAllowed(
        `Expected a repository as https://host/owner/repo, got ${describeShape(repositoryUrl)} of another form.`,
      );
    }
    const known = allowed.get(name.toLowerCase());
    if (known !== undefined) return known;
    throw notAllowed(
      `Code of ${name} may not be read. To allow it, set PATROL_ALLOWED_REPOSITORIES=${name} (a comma-separated list).`,
    );
  };
}

function notAllowed(message: string): PatrolError {
  return new PatrolError('REPOSITORY_NOT_ALLOWED', message);
}
