import type { Detector } from './spans.ts';
import { isHarmless, looksGenerated } from './values.ts';

type Found = Parameters<Detector>[1];

/** `://` with slashes as JSON may escape them, or percent-encoded once or more often. */
const ESCAPED = /:\\\/\\\/|%(?:25){0,3}3[Aa](?:%(?:25){0,3}2[Ff]){2}/g;
/** Long enough for a token as user name, short enough to be looked at everywhere. */
const MAX_USERINFO = 1024;

/** Finds passwords and tokens before the `@` of a URL or connection string, and the addresses of webhooks. */
export const findInUrls: Detector = (text, found) => {
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', at + 3)) {
    findUserInfo(text, at + 3, found);
  }
  if (text.includes('%') || text.includes(':\\/')) {
    ESCAPED.lastIndex = 0;
    for (let hit = ESCAPED.exec(text); hit !== null; hit = ESCAPED.exec(text)) {
      (hit[0].startsWith('%') ? findEncoded : findUserInfo)(text, ESCAPED.lastIndex, found);
    }
  }
  findLinks(text, found);
  if (!HOST.test(text)) return;
  for (const { mark, patterns, kind } of WEBHOOKS) {
    if (!text.includes(mark)) continue;
    for (const pattern of patterns) {
      pattern.lastIndex = 0;
      for (let hit = pattern.exec(text); hit !== null; hit = pattern.exec(text)) {
        const secret = String(hit[1]);
        found(pattern.lastIndex - secret.length, pattern.lastIndex, kind);
      }
    }
  }
};

/** What stands between the `@` and the path, unless the password has an `@` and a `/` of its own. */
const HOST_NAME = /^(?:(?:[\w-]{1,63}\.){1,8}[\w-]{2,24}(?::\d{1,5})?|[\w-]{1,63}:\d{1,5})$/;

/** The same behind an `@` that stands behind a slash, where all may still be the password. */
const HOST_BEHIND =
  /(?:(?:[\w-]{1,63}\.){1,8}[\w-]{2,24}(?::\d{1,5})?|[\w-]{1,63}:\d{1,5}|localhost)(?![\w@-]|\.\w)/y;

function isHostBehind(text: string, at: number): boolean {
  HOST_BEHIND.lastIndex = at + 1;
  return HOST_BEHIND.test(text);
}

const DELIMITER = /[\s"'`<>\\{}\u2028\u2029]/;

function findUserInfo(text: string, start: number, found: Found): void {
  const limit = Math.min(text.length, start + MAX_USERINFO);
  let colon = -1;
  let slash = -1;
  let at = -1;
  for (let index = start; index < limit; index++) {
    const char = text.charAt(index);
    // A password may hold `/`, `?` or `#` that nobody encoded; a port is followed by them.
    if ((char === '/' || char === '?' || char === '#') && slash < 0) {
      slash = index;
      if (at >= 0 && HOST_NAME.test(text.slice(at + 1, index))) break;
      if (colon < 0 || /^\d{1,5}$/.test(text.slice(colon + 1, index))) break;
    } else if (char === ':') {
      // The next address begins.
      if (text[index + 1] === '/' && text[index + 2] === '/') {
        if (slash >= 0 && at > slash) break;
        return;
      }
      if (colon < 0) colon = index;
    } else if (char === '@') {
      const isHost = slash < 0 || isHostBehind(text, index);
      // The first one behind a slash counts anyway, a later one when a host follows.
      if (isHost || at < slash) at = index;
      if (slash >= 0 && isHost) break;
    } else if (slash >= 0 && at > slash && /[?#&=]/.test(char)) break;
    else if (DELIMITER.test(char) && !(char === '{' || char === '}')) break;
  }
  if (at < 0) return;
  if (colon >= 0 && colon < at) {
    if (at > colon + 1 && !isHarmless(text.slice(colon + 1, at))) found(colon + 1, at, 'password');
    // `token:x-oauth-basic@`, `key:@`
    const user = text.slice(start, colon);
    if (/\d/.test(user) && looksGenerated(user, 20)) found(start, colon, 'token');
    return;
  }
  const user = text.slice(start, at);
  if (/\d/.test(user) && looksGenerated(user, 16)) found(start, at, 'token');
}

const ENCODED_COLON = /%(?:25){0,3}3[Aa]/;
const ENCODED_AT = /%(?:25){0,3}40|@/g;
/** What ends the authority: white space, a quote, the next parameter, an encoded slash. */
const AUTHORITY_END = /[\s"'`<>\\&]|%(?:25){0,3}2[Ff]/;

function findEncoded(text: string, start: number, found: Found): void {
  const rest = text.slice(start, start + MAX_USERINFO);
  const end = rest.search(AUTHORITY_END);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const colon = ENCODED_COLON.exec(authority);
  if (colon === null) return;
  const from = colon.index + colon[0].length;
  // The last one: a password may hold others, encoded once more.
  const at = [...authority.matchAll(ENCODED_AT)].at(-1)?.index ?? -1;
  if (at > from && !isHarmless(authority.slice(from, at))) found(start + from, start + at, 'password');
}

/** Links of mails that let in whoever holds them. */
const LINK =
  /\/(?:(?:reset|forgot|change|set|new|create)[-_]?password|password[-_/](?:reset|new|edit|change|set)|reset|(?:magic|login|signin|sign-in|access)[-_]?link|magic|verify(?:[-_/]?email)?|confirm(?:ation|[-_/]?email)?|activat(?:e|ion)|invit(?:e|es|ation|ations)|unsubscribe)\/([\w.~-]{16,512})/g;
/** Without one of these nothing is tried. */
const LINK_MARKS = [
  'password',
  '/reset/',
  'link/',
  'magic/',
  '/verify',
  '/confirm',
  '/activat',
  '/invit',
  '/unsub',
];

function findLinks(text: string, found: Found): void {
  if (!LINK_MARKS.some((mark) => text.includes(mark))) return;
  for (const hit of text.matchAll(LINK)) {
    const secret = String(hit[1]);
    const start = hit.index + hit[0].length - secret.length;
    if (hasRandomRun(secret)) found(start, start + secret.length, 'token');
  }
}

/** Words and ids are parted by hyphens; of a token some part is long and mixed. */
const hasRandomRun = (text: string): boolean =>
  text.split(/[-.~]/).some((part) => part.length >= 16 && looksGenerated(part, 16));

/** What every address below has. */
const HOST = /thin:|\.(?:com|net|org|cn|io|pro|site)\b|\/(?:hooks|webhook|IncomingWebhook)\b/;

interface Webhook {
  /** Without it the patterns are not tried. */
  readonly mark: string;
  /** The first group is the secret, and ends the match. */
  readonly patterns: readonly RegExp[];
  readonly kind: string;
}

/** `/` stands for a slash, be it escaped or not. */
const address = (source: string): RegExp => new RegExp(source.replaceAll('/', String.raw`\\?\/`), 'g');
/** The rest of the path. `address` turns the slashes into escaped ones, in the class too. */
const REST = '((?:[^\\s"\'`<>?#,)\\]}|/]|/){5,512})';
const addresses = (mark: string, kind: string, ...sources: readonly string[]): Webhook => ({
  mark,
  kind,
  patterns: sources.map(address),
});

/** Addresses that anybody who knows them may post to, and services that take the key in the path. */
const WEBHOOKS: readonly Webhook[] = [
  addresses(
    'hook',
    'webhook',
    `\\bhooks\\.slack(?:-gov)?\\.com/(?:services|workflows|triggers)/${REST}`,
    `\\bdiscord(?:app)?\\.com/api(?:/v\\d{1,2})?/webhooks/\\d{5,24}/${REST}`,
    `\\b(?:webhook\\.office\\.com|outlook\\.office(?:365)?\\.com)/webhook\\w{0,2}/${REST}`,
    `\\bIncomingWebhook/${REST}`,
    `\\bhooks\\.zapier\\.com/hooks/(?:catch|standard)/${REST}`,
    '\\bhook\\.(?:[a-z]{2}\\d\\.)?(?:make|integromat)\\.com/([\\w-]{16,64})',
    '\\bopen\\.(?:feishu\\.cn|larksuite\\.com)/open-apis/bot/v2/hook/([\\w-]{16,64})',
    '\\bwebhook\\.site/([a-f0-9-]{36})',
    '/hooks/([a-z0-9]{26})(?![\\w-])',
    '/hooks/([A-Za-z0-9]{17,24}/[A-Za-z0-9]{24,64})(?![\\w-])',
    '/webhook(?:-test)?/([a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12})',
  ),
  addresses('thin:', 'password', '\\bthin:[\\w$#]{1,64}/([^@\\s"\'/]{1,128})(?=@)'),
  addresses(
    'ifttt',
    'webhook',
    '\\bmaker\\.ifttt\\.com/trigger/[\\w-]{1,64}/(?:json/)?with/key/([\\w-]{10,64})',
  ),
  addresses('pagerduty', 'webhook', '\\bpagerduty\\.com/integration/([a-z0-9]{16,40})'),
  addresses('hc-ping', 'webhook', '\\bhc-ping\\.com/([\\w-]{16,64})'),
  addresses(
    'datadoghq',
    'api-key',
    '\\bdatadoghq\\.(?:com|eu)/(?:api/)?v[12]/(?:input|validate|series)/([a-z0-9]{32})',
  ),
  addresses('loggly', 'token', '\\bloggly\\.com/(?:inputs|bulk)/([\\w-]{20,64})'),
  addresses('infura', 'api-key', '\\binfura\\.io/(?:ws/)?v3/([a-f0-9]{32})'),
  addresses('alchemy', 'api-key', '\\balchemy\\.com/(?:v2|nft/v[23])/([\\w-]{20,64})'),
  addresses('quiknode', 'api-key', '\\bquiknode\\.pro/([a-f0-9]{32,64})'),
  addresses('telegram', 'telegram-token', '\\bapi\\.telegram\\.org/(?:file/)?bot(\\d{6,12}:[\\w-]{20,64})'),
];
