import { access, constants } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isRecord } from '../../src/bounds.ts';
import type { PatrolConfig } from '../../src/config.ts';
import { messageOf } from '../../src/errors.ts';
import { openTableHistory } from '../history/open-table.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, unused, failed } = findingsOf('history');

/** Whether errors can be remembered. A file is not opened: the server that runs has it to itself. */
export async function checkHistory(config: PatrolConfig): Promise<Finding> {
  const { historyFile, historyTable } = config;
  if (historyTable !== undefined) return checkTable(config);
  if (historyFile === false) return unused('Off: no errors are remembered.');
  if (historyFile === undefined)
    return unused('patrol serve keeps it in .patrol/history.db; others keep none.');
  try {
    await access(historyFile, constants.R_OK | constants.W_OK).catch(async (error: unknown) => {
      if (!isRecord(error) || error.code !== 'ENOENT') throw error;
      // It is made at the first start.
      await access(dirname(resolve(historyFile)), constants.W_OK);
    });
    return ok(`${historyFile} can be written to.`);
  } catch (error) {
    return failed(
      `The history cannot be written: ${messageOf(error)}.`,
      'Set PATROL_HISTORY_FILE to a file in a folder that the server may write to.',
    );
  }
}

async function checkTable(config: PatrolConfig): Promise<Finding> {
  const mend =
    'Check PATROL_HISTORY_TABLE, its keys (the strings pk and sk), and what the credentials may do.';
  try {
    const history = await openTableHistory(config);
    try {
      await history?.list({ limit: 1 });
      return ok(`The table ${config.historyTable} can be read.`);
    } finally {
      await history?.close();
    }
  } catch (error) {
    return failed(`The table ${config.historyTable} cannot be read: ${messageOf(error)}.`, mend);
  }
}
