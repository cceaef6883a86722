import type { PatrolConfig } from '../../src/config.ts';
import type { ErrorHistory } from './history.ts';

/** The settings that say where errors are remembered. */
export type HistorySettings = Pick<PatrolConfig, 'historyFile' | 'historyTable' | 'historyRetention'>;

/**
 * The history in the file of the settings; undefined where none is named, or a table is.
 *
 * @throws {PatrolError} `HISTORY_UNAVAILABLE` for a file that cannot be opened, or that another process has.
 */
export async function openFileHistory(config: HistorySettings): Promise<ErrorHistory | undefined> {
  const { historyFile, historyTable, historyRetention } = config;
  if (historyTable !== undefined || historyFile === undefined || historyFile === false) return undefined;
  const { createSqliteHistory } = await import('./sqlite.ts');
  return createSqliteHistory({ file: historyFile, retention: historyRetention });
}
