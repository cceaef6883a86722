import { toDiscordDigest, toDiscordMessage } from '../../webhooks/discord.ts';
import { jsonOf, type Platform, readStatus } from './platform.ts';

/** A webhook of Discord's: it posts, and writes over what it posted. */
export function createDiscord(address: string): Platform {
  // `wait` makes Discord answer with the message, whose id is needed to write over it ("Execute Webhook").
  const execute = new URL(address);
  execute.searchParams.set('wait', 'true');
  return {
    alert: ({ record, occasion }) => ({
      url: execute.href,
      body: JSON.stringify(toDiscordMessage(record, occasion)),
    }),
    update({ record, occasion }, reference) {
      const url = new URL(address);
      url.pathname = `${url.pathname.replace(/\/$/, '')}/messages/${encodeURIComponent(reference)}`;
      return { url: url.href, method: 'PATCH', body: JSON.stringify(toDiscordMessage(record, occasion)) };
    },
    digest: (digest) => ({ url: execute.href, body: JSON.stringify(toDiscordDigest(digest)) }),
    read(answer) {
      const { id, code, retry_after: seconds } = jsonOf(answer.text);
      const verdict = readStatus(answer, typeof code === 'number' ? `code ${code}` : '');
      if (verdict.delivered)
        return typeof id === 'string' && /^\d{1,20}$/.test(id) ? { ...verdict, reference: id } : verdict;
      // The body is more exact than the header: it has fractions ("Rate Limits").
      return answer.status === 429 && typeof seconds === 'number'
        ? { ...verdict, retryAfterMs: seconds * 1000 }
        : verdict;
    },
  };
}
