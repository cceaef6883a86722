import { loadConfig } from '../../src/config.ts';
import { PatrolError } from '../../src/errors.ts';
import type { Milliseconds } from '../../src/types.ts';

/**
 * Sends what applications that have ended left in the spool for the sink that the environment names.
 *
 * @returns What to tell the user, in records.
 * @throws {PatrolError} `CONFIG_INVALID` without a sink or a spool; `DELIVERY_FAILED` when a part could not be sent in time.
 */
export async function flushSpool(timeoutMs: Milliseconds): Promise<string> {
  const { queueUrl, sinkUrl, spoolDirectory } = loadConfig();
  if (queueUrl === undefined && sinkUrl === undefined) {
    throw new PatrolError(
      'CONFIG_INVALID',
      'Neither PATROL_QUEUE_URL nor PATROL_SINK_URL is set; an embedded engine analyses what is left when the application starts again.',
    );
  }
  if (spoolDirectory === false) {
    throw new PatrolError('CONFIG_INVALID', 'PATROL_SPOOL_DIRECTORY is off: nothing is kept there.');
  }
  const { createClient } = await import('../../transports/client.ts');
  // Analyses belong to the application's log, and losses are in the report.
  const client = createClient({ options: { replyQueueUrl: undefined }, write() {} });
  const done = await client.close(timeoutMs);
  const { recovered, delivered, spooled, dropped } = client.stats();
  const lost = Object.entries(dropped).map(([reason, count]) => `, ${count} ${reason}`);
  const report = `${recovered} records found, ${delivered} delivered, ${spooled} left${lost.join('')}`;
  if (!done) throw new PatrolError('DELIVERY_FAILED', `Not all could be sent: ${report}.`);
  return `${report}\n`;
}
