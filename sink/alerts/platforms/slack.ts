import { toSlackDigest, toSlackMessage } from '../../webhooks/slack.ts';
import {
  jsonOf,
  type Platform,
  type PlatformAnswer,
  type PlatformRequest,
  readStatus,
  type Verdict,
} from './platform.ts';

/** Errors are single words (docs.slack.dev, "Sending messages using incoming webhooks: Handling errors"). */
const WORD = /^[a-z_]{2,40}$/;

/** An incoming webhook: it posts, and hears of no way back to what it posted. */
export function createSlackWebhook(url: string): Platform {
  return {
    alert: ({ record, occasion }) => ({ url, body: JSON.stringify(toSlackMessage(record, occasion)) }),
    digest: (digest) => ({ url, body: JSON.stringify(toSlackDigest(digest)) }),
    read(answer) {
      const text = answer.text.trim();
      return readStatus(answer, WORD.test(text) ? text : '');
    },
  };
}

/** What names a message: the channel's id as Slack answered it, and the message's time stamp. */
interface Reference {
  readonly channel: string;
  readonly ts: string;
}

/** Errors of the Web API that pass (docs.slack.dev, `chat.postMessage`). */
const PASSING = new Set([
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'message_limit_exceeded',
]);

/** A bot: one message for an error, which is written over with later counts, and answered in its thread. */
export function createSlackBot(token: string, channel: string, apiUrl: string): Platform {
  const call = (method: string, body: Readonly<Record<string, unknown>>): PlatformRequest => ({
    url: new URL(method, apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`).href,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return {
    alert({ record, occasion }, previous) {
      const thread = previous === undefined ? undefined : parse(previous);
      return call('chat.postMessage', {
        channel: thread?.channel ?? channel,
        ...(thread && { thread_ts: thread.ts, reply_broadcast: true }),
        ...toSlackMessage(record, occasion),
      });
    },
    update: ({ record, occasion }, reference) =>
      call('chat.update', { ...parse(reference), ...toSlackMessage(record, occasion) }),
    digest: (digest) => call('chat.postMessage', { channel, ...toSlackDigest(digest) }),
    read: readApi,
  };
}

/** The Web API answers 200 to what it refuses. */
function readApi(answer: PlatformAnswer): Verdict {
  const status = readStatus(answer);
  if (!status.delivered) return status;
  const { ok, error, channel, ts } = jsonOf(answer.text);
  if (ok === true) {
    return typeof channel === 'string' && typeof ts === 'string'
      ? { delivered: true, reference: JSON.stringify({ channel, ts } satisfies Reference) }
      : { delivered: true };
  }
  const word = typeof error === 'string' && WORD.test(error) ? error : 'no reason given';
  return { delivered: false, problem: `refused: ${word}`, retryable: PASSING.has(word) };
}

function parse(reference: string): Reference | undefined {
  const { channel, ts } = jsonOf(reference);
  return typeof channel === 'string' && typeof ts === 'string' ? { channel, ts } : undefined;
}
