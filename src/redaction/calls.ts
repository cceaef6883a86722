import type { Detector } from './spans.ts';
import { isHarmless, isSentence, readQuoted } from './values.ts';

/** Functions that take a secret by its place: PHP prints the arguments of each frame, Python the line of code. */
const FUNCTIONS: readonly (readonly [RegExp, number])[] = [
  [
    /(?:PDO(?:->__construct)?|mysqli(?:_p?connect|->(?:__construct|real_connect))?|mysql_p?connect|getConnection|imap_open)$/,
    2,
  ],
  [/(?:ftp_login|ldap_bind|ssh2_auth_password|hash_hmac|openssl_(?:en|de)crypt)$/, 2],
  [
    /(?:oci_connect|sp_addlogin|pgp_sym_(?:en|de)crypt|(?:[Ss]et_?)?[Bb]asic_?[Aa]uth|HTTP(?:Basic|Digest)Auth|BasicAWSCredentials|UsernamePasswordCredentials|(?:smtp|server|client|session|mail)\.login|auth=)$/,
    1,
  ],
  [/(?:password_(?:hash|verify)|(?:set|check)_password)$/, 0],
];

const CALL =
  /\b(PDO(?:->__construct)?|mysqli(?:_p?connect|->(?:__construct|real_connect))?|mysql_p?connect|getConnection|imap_open|ftp_login|ldap_bind|ssh2_auth_password|hash_hmac|openssl_(?:en|de)crypt|oci_connect|sp_addlogin|pgp_sym_(?:en|de)crypt|(?:[Ss]et_?)?[Bb]asic_?[Aa]uth|HTTP(?:Basic|Digest)Auth|BasicAWSCredentials|UsernamePasswordCredentials|(?:smtp|server|client|session|mail)\.login|auth=|password_(?:hash|verify)|(?:set|check)_password)(?:\(| (?='))/g;

/** Without one of these there is none. */
const QUOTED_ARGUMENT = ["('", '("', '(\\', ", '", ', "', ', \\'];

const MAX_ARGUMENTS = 4;
/** `Resource id #5`, `$1`, `user` and what else is no quoted text. */
const OTHER_ARGUMENT = /[\w #$.>()[\]-]{1,64}/y;
const COMMA = /\\{0,64}["'`]?\s{0,4},\s{0,16}/y;

/** Finds the passwords among the arguments of a call, which no name announces. */
export const findInCalls: Detector = (text, found) => {
  if (!QUOTED_ARGUMENT.some((mark) => text.includes(mark))) return;
  CALL.lastIndex = 0;
  for (let hit = CALL.exec(text); hit !== null; hit = CALL.exec(text)) {
    const place = FUNCTIONS.find(([name]) => name.test(String(hit?.[1])))?.[1];
    if (place !== undefined)
      CALL.lastIndex = Math.max(CALL.lastIndex, inArguments(text, CALL.lastIndex, place, found));
  }
};

function inArguments(text: string, start: number, place: number, found: Parameters<Detector>[1]): number {
  let at = start;
  for (let index = 0; index < MAX_ARGUMENTS; index++) {
    const value = readQuoted(text, at);
    if (index === place) {
      if (value === undefined) return at;
      const content = text.slice(value.start, value.end);
      if (!isHarmless(content) && !isSentence(content) && !/[\n()]/.test(content))
        found(value.start, value.end, 'password');
      return value.end;
    }
    OTHER_ARGUMENT.lastIndex = at;
    if (value !== undefined) at = value.end;
    else if (OTHER_ARGUMENT.test(text)) at = OTHER_ARGUMENT.lastIndex;
    COMMA.lastIndex = at;
    if (!COMMA.test(text)) return at;
    at = COMMA.lastIndex;
  }
  return at;
}
