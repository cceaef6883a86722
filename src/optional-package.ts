import { isRecord } from './bounds.ts';
import { PatrolError } from './errors.ts';

/**
 * Loads a package that is installed only where a setting wants it.
 *
 * @throws {PatrolError} `CONFIG_INVALID` when it is not there, with what to install.
 */
export async function loadOptional<T>(name: string, wantedBy: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isRecord(cause) || cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new PatrolError('CONFIG_INVALID', `${wantedBy} needs the package ${name}: npm install ${name}`, {
      cause,
    });
  }
}
