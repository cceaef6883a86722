import { isRecord } from '../../src/bounds.ts';
import { PatrolError } from '../../src/errors.ts';

/** What the system's codes mean for who named the place. https://nodejs.org/api/errors.html#common-system-errors */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist: make it first',
  EEXIST: 'there is a file of that name: name another',
  ENOTDIR: 'a part of that path is a file: name another',
  EISDIR: 'that is a folder: name a file in it',
  EACCES: 'this user may not write there: name another place, or change its permissions',
  EPERM: 'this user may not write there: name another place, or change its permissions',
  EROFS: 'that disk is read-only: name another place',
  ENOSPC: 'the disk is full',
};

/**
 * Does what writes to the place that an option names.
 *
 * @throws {PatrolError} `CONFIG_INVALID` naming the option, the place and what to do, where it cannot be written.
 */
export async function writing<T>(option: string, place: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const reason = isRecord(cause) && typeof cause.code === 'string' ? REASONS[cause.code] : undefined;
    if (reason === undefined) throw cause;
    throw new PatrolError(
      'CONFIG_INVALID',
      `Cannot write to ${option} ${JSON.stringify(place)}: ${reason}.`,
      {
        cause,
      },
    );
  }
}
