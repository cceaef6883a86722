import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf, PatrolError } from '../../src/errors.ts';

/**
 * The text of a file, or of the standard input for `-`.
 *
 * @throws {PatrolError} `EVENT_INVALID` for a file that cannot be read.
 */
export async function readInput(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PatrolError('EVENT_INVALID', `Expected a file that can be read: ${messageOf(error)}`);
  }
}
