import type { Detector } from './spans.ts';
import { endOfLine, isHarmless, readBare, readQuoted } from './values.ts';

type Found = Parameters<Detector>[1];

/** Programs whose one-letter options carry a password, by the option that does. */
const PROGRAM =
  /\b(?:(mysql(?:dump|admin|import|pump|sh)?|mariadb(?:-dump|-admin)?)|(sshpass|docker login|podman login|buildah login|mongo(?:sh|dump|restore|import|export)?|az login|helm registry login|cqlsh|clickhouse-client|kinit|twine|rabbitmqadmin)|(redis-cli|valkey-cli|keydb-cli)|(sqlcmd|bcp|psexec|ldap(?:search|modify|add|passwd)|ipmitool|mosquitto_(?:pub|sub))|(curl|wget|xh|etcdctl|httpie|https?(?=[ \t]))|(openssl)|(smbclient)|(zip|unzip|zipcloak)|(7za?|rar|unrar)|(ssh-keygen)|(htpasswd)|(snmp(?:walk|get|set|bulkwalk))|(sqlplus|rman|impdp|expdp)|(rabbitmqctl (?:add_user|change_password|authenticate_user)|net user|radtest)|(net use|runas)|(bundle config)|((?:vault|cargo) login)|(composer config))(?![\w./-])/g;

interface Option {
  readonly option: RegExp;
  /** `user:password` rather than a password. */
  readonly pair?: string;
  /** @defaultValue `password` */
  readonly kind?: string;
}

/** In the order of the groups above. */
const OPTIONS: readonly (readonly Option[])[] = [
  [{ option: /[ \t]-p(?=['"]?[^\s'"-])/g }],
  [{ option: /[ \t]-p[ \t]{0,2}(?=['"]?[^\s'"-])/g }],
  [{ option: /[ \t]-a[ \t]{1,2}(?=\S)/g }],
  [{ option: /[ \t]-[PwW][ \t]{0,2}(?=['"]?[^\s'"-])/g }],
  [
    {
      option: /[ \t](?:-[uUa][ \t]{0,2}|--(?:proxy-)?(?:user|auth)[ \t=]{1,2})(?=['"]?[^\s'":-])/g,
      pair: ':',
    },
    { option: /[ \t]-b[ \t]{0,2}(?=['"]?[^\s'"=-]{1,128}=)/g, pair: '=', kind: 'cookie' },
  ],
  [{ option: /[ \t](?:pass:|-k[ \t])(?=\S)/g }],
  [{ option: /[ \t]-U[ \t]{0,2}(?=\S)/g, pair: '%' }],
  [{ option: /[ \t]-P[ \t]{1,2}(?=\S)/g }],
  [{ option: /[ \t]-h?p(?=[^\s-])/g }],
  [{ option: /[ \t]-[NP][ \t]{1,2}(?=\S)/g }],
  [
    {
      option: /[ \t]-[A-Za-z]{0,3}b[A-Za-z]{0,3}[ \t]{1,2}[^\s]{1,128}[ \t]{1,2}[^\s]{1,64}[ \t]{1,2}(?=\S)/g,
    },
  ],
  [{ option: /[ \t]-c[ \t]{0,2}(?=[^\s-])/g }],
  [{ option: /[ \t](?=[A-Za-z][\w$#]{0,63}\/[^\s/@])/g, pair: '/' }],
  [{ option: /^[ \t]{1,2}[^\s/-]\S{0,63}[ \t]{1,2}(?=[^\s/-])/g }],
  [{ option: /[ \t]\/user:\S{1,64}[ \t]{1,2}(?=[^\s/])/g }],
  [{ option: /[ \t][\w.-]{1,64}[ \t]{1,2}(?=[^\s:]{1,64}:)/g, pair: ':' }],
  [{ option: /^[ \t]{1,2}(?=[^\s-]{16})/g, kind: 'token' }],
  [
    { option: /[ \t]http-basic\.[\w.-]{1,64}[ \t]{1,2}[^\s]{1,64}[ \t]{1,2}(?=\S)/g },
    { option: /[ \t]github-oauth\.[\w.-]{1,64}[ \t]{1,2}(?=[^\s-]{16})/g, kind: 'token' },
  ],
];

/** Programs that take a password by its place: without one of these or an option there is none. */
const BY_PLACE = [
  'sqlplus',
  'rman',
  'impdp',
  'expdp',
  'rabbitmqctl',
  'net use',
  'radtest',
  'runas',
  'config',
  ' login ',
];

/** A command line is looked at this far. */
const MAX_LINE = 2048;

/** Finds the passwords of command lines that name them with one letter. */
export const findShortOptions: Detector = (text, found) => {
  if (text.includes('echo ')) findPiped(text, found);
  if (text.includes(' LOGIN ') || text.includes(PASSWORD_PROMPT)) findLogins(text, found);
  if (!text.includes(' -') && !BY_PLACE.some((mark) => text.includes(mark))) return;
  PROGRAM.lastIndex = 0;
  for (let hit = PROGRAM.exec(text); hit !== null; hit = PROGRAM.exec(text)) {
    const start = PROGRAM.lastIndex;
    const end = start + endOfLine(text.slice(start, start + MAX_LINE), 0);
    const known = OPTIONS[hit.slice(1).findIndex((group) => group !== undefined)];
    for (const option of known ?? []) inLine(text, start, end, option, found);
    PROGRAM.lastIndex = Math.max(start, end);
  }
};

function inLine(
  text: string,
  start: number,
  end: number,
  { option, pair, kind = 'password' }: Option,
  found: Found,
): void {
  const line = text.slice(start, end);
  option.lastIndex = 0;
  for (let flag = option.exec(line); flag !== null; flag = option.exec(line)) {
    const at = option.lastIndex;
    const value = readQuoted(line, at) ?? readBare(line, at);
    if (value === undefined) continue;
    const content = line.slice(value.start, value.end);
    const skip = pair === undefined ? 0 : content.indexOf(pair) + 1;
    const password = content.slice(skip);
    if (
      (pair !== undefined && skip < 2) ||
      isHarmless(password) ||
      (pair !== undefined && /^\d{1,6}$/.test(password))
    ) {
      continue;
    }
    found(start + value.start + skip, start + value.end, kind);
    option.lastIndex = value.end;
  }
}

/** A mail server's `Password:`, in base64. */
const PASSWORD_PROMPT = 'UGFzc3dvcmQ6';

/** `a1 LOGIN bob hunter2` (IMAP). */
const LOGIN = /\d LOGIN /g;
const USER = /(?:"[^"\n]{1,128}"|[^\s"]{1,128}) /y;
/** The line behind the prompt of `AUTH LOGIN` (SMTP), and what a log puts before it. */
const ANSWER = /[^\n]{0,16}\n(?:\w{0,16}[:>]? )?(?=[A-Za-z0-9+/]{4})/y;

function findLogins(text: string, found: Found): void {
  const report = (at: number): void => {
    const value = readQuoted(text, at) ?? readBare(text, at);
    if (value !== undefined && !isHarmless(text.slice(value.start, value.end))) {
      found(value.start, value.end, 'password');
    }
  };
  for (const hit of text.matchAll(LOGIN)) {
    USER.lastIndex = hit.index + hit[0].length;
    if (USER.test(text)) report(USER.lastIndex);
  }
  for (let at = text.indexOf(PASSWORD_PROMPT); at >= 0; at = text.indexOf(PASSWORD_PROMPT, at + 1)) {
    ANSWER.lastIndex = at + PASSWORD_PROMPT.length;
    if (ANSWER.test(text)) report(ANSWER.lastIndex);
  }
}

/** `echo … | sudo -S`, `echo … | docker login --password-stdin`. */
const PIPED =
  /\becho[ \t]{1,4}(?:-n[ \t]{1,4})?(["']?)([^\s"'|]{4,128})\1[ \t]{0,4}\|[ \t]{0,4}(?:sudo|docker|podman|chpasswd|passwd|gpg|su|openssl|kinit|cryptsetup)\b/g;

function findPiped(text: string, found: Found): void {
  for (const hit of text.matchAll(PIPED)) {
    const [whole, , secret = ''] = hit;
    if (isHarmless(secret)) continue;
    const start = hit.index + whole.indexOf(secret, 5);
    found(start, start + secret.length, 'password');
  }
}
