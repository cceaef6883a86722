import type { Detector } from './spans.ts';
import { endOfLine, isHarmless, readBare, readQuoted } from './values.ts';

type Found = Parameters<Detector>[1];

/** Programs whose one-letter options carry a password, by the option that does. */
const PROGRAM =
  /\b(?:(mysql(?:dump|admin|import|pump|sh)?|mariadb(?:-dump|-admin)?)|(sshpass|docker login|podman login|buildah login|mongo(?:sh|dump|restore|import|export)?|az login|helm registry login|cqlsh|clickhouse-client|kinit)|(redis-cli|valkey-cli|keydb-cli)|(sqlcmd|bcp|psexec|ldap(?:search|modify|add|passwd))|(curl|wget|xh|httpie|https?(?=[ \t]))|(openssl)|(smbclient)|(zip|unzip|zipcloak)|(7za?|rar|unrar)|(ssh-keygen)|(htpasswd))(?![\w./-])/g;

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
];

/** A command line is looked at this far. */
const MAX_LINE = 2048;

/** Finds the passwords of command lines that name them with one letter. */
export const findShortOptions: Detector = (text, found) => {
  if (text.includes('echo ')) findPiped(text, found);
  if (!text.includes(' -')) return;
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
