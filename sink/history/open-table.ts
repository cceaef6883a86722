import type { ErrorHistory } from './history.ts';
import type { HistorySettings } from './open-file.ts';

/**
 * The history in the table of the settings; undefined where none is named, and then nothing is loaded. Apart from
 * that in a file: a Lambda function has no use for SQLite, and its bundle no room.
 */
export async function openTableHistory(config: HistorySettings): Promise<ErrorHistory | undefined> {
  const { historyTable, historyRetention } = config;
  if (historyTable === undefined) return undefined;
  const { createDynamoDbHistory } = await import('./dynamodb.ts');
  return createDynamoDbHistory({ tableName: historyTable, retention: historyRetention });
}
