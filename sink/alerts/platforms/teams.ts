import { toTeamsDigest, toTeamsMessage } from '../../webhooks/teams.ts';
import { type Platform, readStatus } from './platform.ts';

/**
 * What a connector says with status 200 when Teams behind it did not take the message (Microsoft Learn, "Create and
 * send messages: Rate limiting for connectors").
 */
const FAILED_BEHIND = /^Webhook message delivery failed with error: .{0,100}?HTTP error (\d{3})/;

/** A workflow, or an incoming webhook: it posts cards, and hears of no way back to what it posted. */
export function createTeams(url: string): Platform {
  return {
    alert: ({ record, occasion }) => ({ url, body: JSON.stringify(toTeamsMessage(record, occasion)) }),
    digest: (digest) => ({ url, body: JSON.stringify(toTeamsDigest(digest)) }),
    read(answer) {
      const behind = FAILED_BEHIND.exec(answer.text)?.[1];
      return readStatus(behind === undefined ? answer : { ...answer, status: Number(behind) });
    },
  };
}
