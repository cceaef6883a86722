import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { EmbedBuilder } from '@discordjs/builders';

/** One request as a platform saw it. */
export interface ReceivedMessage {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Record<string, unknown>;
  /** What it was answered; 0 when it was not. */
  status: number;
}

/** A fault in place of the platform's own answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text?: string }
  | 'hang'
  | 'reset';

/** A platform on loopback that holds what it is sent against its published limits. */
export interface WebhookServer {
  /** What a webhook is configured with. */
  readonly url: string;
  readonly origin: string;
  /** Every request, in order. */
  readonly requests: readonly ReceivedMessage[];
  /** Those that were answered with success. */
  readonly taken: readonly ReceivedMessage[];
  /** Answers of the next requests, in order; then the platform answers for itself again. */
  faults: Fault[];
  until(condition: () => boolean): Promise<void>;
  stop(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly text: string;
}

type Judge = (message: ReceivedMessage) => Reply;

async function start(path: string, judge: Judge): Promise<WebhookServer> {
  const requests: ReceivedMessage[] = [];
  const changed = new Set<() => void>();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('utf8');
    const message: ReceivedMessage = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      text,
      body: parse(text),
      status: 0,
    };
    requests.push(message);
    const fault = server.faults.shift();
    if (fault === 'reset') request.socket.resetAndDestroy();
    else if (fault !== 'hang') {
      const reply = fault ? { text: '', ...fault } : judge(message);
      message.status = reply.status;
      response.writeHead(reply.status, reply.headers);
      response.end(reply.text);
    }
    for (const check of changed) check();
  };
  const listener = http.createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const server: WebhookServer = {
    origin,
    url: `${origin}${path}`,
    requests,
    get taken() {
      return requests.filter(({ status }) => status >= 200 && status < 300);
    },
    faults: [],
    until: (condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition()) return;
          changed.delete(check);
          resolve();
        };
        changed.add(check);
        check();
      }),
    async stop() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
  return server;
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A limit of `most` requests in a sliding second. */
function rateLimit(most: number): () => boolean {
  const times: number[] = [];
  return () => {
    const now = Date.now();
    while ((times[0] ?? now) <= now - 1000) times.shift();
    if (times.length >= most) return false;
    times.push(now);
    return true;
  };
}

type Block = {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
};

/** What Slack answers to a message: undefined when it takes it (docs.slack.dev, "Block Kit", "chat.postMessage"). */
function slackProblem({ text, blocks }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof text !== 'string' || text === '') return 'no_text';
  if (text.length > 40_000) return 'msg_too_long';
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks';
  const isFilled = (value: unknown, most: number) =>
    typeof value === 'string' && value.length > 0 && value.length <= most;
  const isSound = (block: Block) => {
    switch (block.type) {
      case 'header':
        return block.text?.type === 'plain_text' && isFilled(block.text.text, 150);
      case 'section':
        return block.text?.type === 'mrkdwn' && isFilled(block.text.text, 3000);
      case 'context':
        return (
          (block.elements?.length ?? 0) <= 10 && block.elements?.every((one) => isFilled(one.text, 3000))
        );
      default:
        return false;
    }
  };
  return (blocks as Block[]).every(isSound) ? undefined : 'invalid_blocks';
}

/** Options of the platforms. */
export interface PlatformOptions {
  /** Requests in a second; above them comes 429. */
  readonly perSecond?: number;
}

/** An incoming webhook of Slack's: it answers `ok`, and nothing by which the message could be found again. */
export function startSlack({ perSecond = 1000 }: PlatformOptions = {}): Promise<WebhookServer> {
  const mayPass = rateLimit(perSecond);
  return start('/services/T000/B000/path-that-is-a-secret', ({ method, body }) => {
    if (method !== 'POST') return { status: 404, text: 'no_service' };
    if (!mayPass()) return { status: 429, headers: { 'retry-after': '1' }, text: 'rate_limited' };
    const problem = slackProblem(body);
    return problem === undefined ? { status: 200, text: 'ok' } : { status: 400, text: problem };
  });
}

/** Slack's Web API: `url` is its base, and the token `xoxb-test` that of a bot in the channel `#errors`. */
export function startSlackApi(): Promise<WebhookServer> {
  const messages = new Set<string>();
  return start('/api/', ({ path, headers, body }) => {
    const answer = (value: object): Reply => ({ status: 200, text: JSON.stringify(value) });
    if (headers.authorization !== 'Bearer xoxb-test') return answer({ ok: false, error: 'invalid_auth' });
    const problem = slackProblem(body);
    if (problem !== undefined) return answer({ ok: false, error: problem });
    switch (path) {
      case '/api/chat.postMessage': {
        if (body.channel !== '#errors' && body.channel !== 'C123') {
          return answer({ ok: false, error: 'channel_not_found' });
        }
        if (body.thread_ts !== undefined && !messages.has(String(body.thread_ts))) {
          return answer({ ok: false, error: 'invalid_thread_ts' });
        }
        const ts = `1700000000.${String(messages.size + 1).padStart(6, '0')}`;
        messages.add(ts);
        return answer({ ok: true, channel: 'C123', ts });
      }
      case '/api/chat.update': {
        // An update wants the channel's id: a name will not do.
        if (body.channel !== 'C123') return answer({ ok: false, error: 'channel_not_found' });
        const ts = String(body.ts);
        return answer(
          messages.has(ts) ? { ok: true, channel: 'C123', ts } : { ok: false, error: 'message_not_found' },
        );
      }
      default:
        return answer({ ok: false, error: 'unknown_method' });
    }
  });
}

/** A webhook of Discord's; embeds are judged by discord.js's own builders, and by the sum that they do not check. */
export function startDiscord({ perSecond = 1000 }: PlatformOptions = {}): Promise<WebhookServer> {
  const mayPass = rateLimit(perSecond);
  const messages = new Set<string>();
  const path = '/api/webhooks/1234/path-that-is-a-secret';
  const refuse = (status: number, body: object): Reply => ({ status, text: JSON.stringify(body) });
  return start(path, ({ method, path: asked, body }) => {
    if (!mayPass())
      return refuse(429, { message: 'You are being rate limited.', retry_after: 0.2, global: false });
    if (!isDiscordMessage(body)) return refuse(400, { message: 'Invalid Form Body', code: 50035 });
    if (method === 'POST' && asked === `${path}?wait=true`) {
      const id = String(10_000 + messages.size);
      messages.add(id);
      return { status: 200, text: JSON.stringify({ id }) };
    }
    const id = asked.slice(`${path}/messages/`.length);
    if (method !== 'PATCH' || !messages.has(id))
      return refuse(404, { message: 'Unknown Message', code: 10008 });
    return { status: 200, text: JSON.stringify({ id }) };
  });
}

function isDiscordMessage({ content, embeds, allowed_mentions: mentions }: Record<string, unknown>): boolean {
  if (typeof content !== 'string' || content.length > 2000) return false;
  if (!Array.isArray(embeds) || embeds.length === 0 || embeds.length > 10) return false;
  if (JSON.stringify(mentions) !== '{"parse":[]}') return false;
  let size = 0;
  for (const embed of embeds as {
    title: string;
    description: string;
    footer: { text: string };
    fields: { name: string; value: string }[];
  }[]) {
    try {
      // The setters check; the constructor does not.
      new EmbedBuilder()
        .setTitle(embed.title)
        .setDescription(embed.description)
        .setFooter(embed.footer)
        .addFields(...embed.fields);
    } catch {
      return false;
    }
    const texts = [embed.title, embed.description, embed.footer.text];
    size += [...texts, ...embed.fields.flatMap(({ name, value }) => [name, value])].join('').length;
  }
  return size <= 6000;
}

/** The library's ESM entry does not load in Node; its bundle does. */
const { AdaptiveCard, SerializationContext, Versions } = createRequire(import.meta.url)(
  'adaptivecards/dist/adaptivecards.js',
) as typeof import('adaptivecards');

/** A workflow of Teams: cards are judged by Microsoft's own library; 28 KB at most, 4 messages in a second. */
export function startTeams({ perSecond = 4 }: PlatformOptions = {}): Promise<WebhookServer> {
  const mayPass = rateLimit(perSecond);
  return start('/workflows/path-that-is-a-secret?sig=x', ({ text, body }) => {
    if (!mayPass()) {
      // As connectors say it: with success in front.
      const said = 'Microsoft Teams endpoint returned HTTP error 429 with ContextId x';
      return { status: 200, text: `Webhook message delivery failed with error: ${said}` };
    }
    if (Buffer.byteLength(text) > 28 * 1024) return { status: 413, text: '' };
    const { type, attachments } = body as {
      type?: string;
      attachments?: { contentType: string; content: { body: unknown[] } }[];
    };
    const [card] = attachments ?? [];
    if (type !== 'message' || card?.contentType !== 'application/vnd.microsoft.card.adaptive') {
      return { status: 400, text: 'no card' };
    }
    const context = new SerializationContext(Versions.v1_4);
    const parsed = new AdaptiveCard();
    parsed.parse(card.content, context);
    const isSound = context.eventCount === 0 && parsed.getItemCount() === card.content.body.length;
    return isSound ? { status: 202, text: '' } : { status: 400, text: 'not a card' };
  });
}

/** Any receiver: it takes everything. */
export function startReceiver(): Promise<WebhookServer> {
  return start('/hook/path-that-is-a-secret', () => ({ status: 204, text: '' }));
}
