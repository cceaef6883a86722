import { randomUUID } from 'node:crypto';
import type { PatrolConfig } from '../../src/config.ts';
import { type Finding, findingsOf } from './finding.ts';
import { ask, type OnClock, reasonOf } from './server.ts';

/** The sink of an application: that it is there and takes the token. */
export async function checkSink(config: PatrolConfig, onClock: OnClock): Promise<Finding> {
  const { sinkUrl, sinkToken, sinkSigningKey } = config;
  const found = findingsOf('sink');
  if (sinkUrl === undefined) return found.unused('PATROL_SINK_URL is not set.');
  const base = sinkUrl.replace(/\/+$/, '');
  try {
    const body = JSON.stringify({ batchId: `doctor-${randomUUID()}`, events: [] });
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      ...(sinkToken !== undefined && { authorization: `Bearer ${sinkToken}` }),
    };
    if (sinkSigningKey !== undefined && sinkToken === undefined) {
      const { readSigningKeys, signRequest } = await import('../../src/request-signature.ts');
      Object.assign(headers, signRequest(readSigningKeys(sinkSigningKey), Buffer.from(body)));
    }
    const { status } = await ask(`${base}/v1/events`, { method: 'POST', headers, body }, onClock);
    if (status === 401 || status === 403) {
      return found.failed(
        `${base} refuses this application (${status}).`,
        'Set PATROL_SINK_TOKEN (or PATROL_SINK_SIGNING_KEY) to that of the sink.',
      );
    }
    if (status === 404)
      return found.failed(
        `${base} is no sink (404).`,
        'Set PATROL_SINK_URL to the base URL of patrol serve, without /v1/events.',
      );
    if (status >= 500) return found.failed(`${base} fails (${status}).`, 'Look at the log of the sink.');
    return found.ok(`${base} takes events from this application.`);
  } catch (error) {
    return found.failed(
      `${base} cannot be reached: ${reasonOf(error)}.`,
      'Check PATROL_SINK_URL, that the sink runs, and the network.',
    );
  }
}
