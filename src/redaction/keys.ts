/** How sure a key is that its value is a secret. */
export interface SecretKey {
  readonly kind: string;
  /**
   * - `strong`: the value is a secret, whatever it looks like.
   * - `weak`: only a value that looks like one is.
   * - `query`: the same, and only in a query string, since the name means too much elsewhere.
   * - `header`: the value may begin with a scheme, which is kept.
   * - `cookie`: the value is the rest of the line.
   */
  readonly trust: 'strong' | 'weak' | 'query' | 'header' | 'cookie';
}

const key = (kind: string, trust: SecretKey['trust']): SecretKey => ({ kind, trust });

/** What may stand behind the word without changing what the value is: `newPassword2`, `secretString`. */
const QUALIFIER =
  '(?:value|string|text|plain|plaintext|raw|hash|digest|salt|base64|b64|encrypted|enc|confirm|confirmation|again|repeat|new|old|current|previous|next|primary|secondary|header|prod|dev|staging|test|live)?';
const ending = (words: string): RegExp => new RegExp(`(?:${words})${QUALIFIER}\\d{0,3}$`);

/** Tokens that turn pages or are counted, keys that are meant to be shown. */
const HARMLESS =
  /(?:next|page|continuation|sync|resume|unexpected|marker|cancellation|cancel|keyword|operator)tokens?$|(?:max|min|num|total|prompt|completion|input|output|used|reasoning)tokens$|(?:public|publishable|primary|foreign|partition|sort|cache|routing|idempotency|surrogate)keys?$/;

const SECRET_KEYS = [
  'api',
  'access',
  'secret',
  'auth',
  'account',
  'shared',
  'sharedaccess',
  'master',
  'app',
  'application',
  'client',
  'consumer',
  'licen[sc]e',
  'subscription',
  'functions?',
  'service',
  'deploy',
  'storage',
  'admin',
  'encryption',
  'decryption',
  'crypto',
  'cipher',
  'aes',
  'hmac',
  'jwt',
  'webhook',
  'integration',
  'ingest',
  'ingestion',
  'write',
  'session',
  'server',
  'partner',
  'merchant',
  'bot',
  'gateway',
  'provisioning',
  'registration',
  'recovery',
  'activation',
  'instrumentation',
  'insert',
  'fastly',
  'openai',
  'anthropic',
  'stripe',
  'sendgrid',
  'mailgun',
  'maps',
  'algolia',
  'datadog',
].join('|');

/** The first that fits decides. Names are compared in lower case and without separators. */
const RULES: readonly (readonly [RegExp, SecretKey])[] = [
  [/authorization(?:header)?$/, key('authorization', 'header')],
  [/cookies?2?(?:header|string|value)?$/, key('cookie', 'cookie')],
  [
    ending(
      'passwords?|passwd|passphrase|passcode|passwort|kennwort|(?:mot)?depasse|contraseña|wachtwoord|senha|lösenord|^clave',
    ),
    key('password', 'strong'),
  ],
  [
    /(?:user|db|database|smtp|mail|admin|root|ssh|ftp|key|store|login|account|sudo)pass\d{0,3}$/,
    key('password', 'strong'),
  ],
  [/pwd\d{0,3}$|psk$|^(?:user|db|my|smtp|admin|root|old|new|bind)pw$/, key('password', 'strong')],
  [ending('privatekey|privkey|privatekeypem|signingkey|sshkey|rsakey|pemkey'), key('private-key', 'strong')],
  [ending(`(?:${SECRET_KEYS})keys?`), key('api-key', 'strong')],
  [ending('mnemonic|(?:seed|recovery|secret)phrase'), key('mnemonic', 'strong')],
  [ending('secrets?|secretkeybase|codeverifier'), key('secret', 'strong')],
  [ending('sessionid|sessid|connectsid'), key('session', 'strong')],
  [
    ending('tokens?|jwt|jwtassertion|clientassertion|saml(?:request|response|assertion)'),
    key('token', 'strong'),
  ],
  [
    /(?:otp|(?:mfa|2fa|sms|login|your)code|twofactorcode|verificationcode|onetimecode|(?:backup|recovery)codes?)$/,
    key('one-time-code', 'strong'),
  ],
  [
    /^(?:card)?(?:cvv2?|cvc2?|csc|securitycode|pin|pincode|pinblock)$|(?:card|user)pin$/,
    key('card-code', 'weak'),
  ],
  [
    /(?:ssn(?:number|no)?|socialsecurity(?:number|no)?|nationalid(?:number)?|passport(?:number|no))$/,
    key('national-id', 'strong'),
  ],
  [
    /^(?:cpf|cnpj|dni|nif|pesel|bsn|curp|aadhaar|nino|steuerid|personnummer|codicefiscale|nie|nhs|medicare)(?:number|no|nr)?$|insurancenumber$|taxid(?:number)?$|drivers?licen[sc]e(?:number|no)?$/,
    key('national-id', 'weak'),
  ],
  [/^passport$/, key('passport', 'weak')],
  [
    /^(?:bank)?acc(?:oun)?t(?:number|num|no)$|bankaccount$|^acct$|^(?:sortcode|routingnumber)$/,
    key('bank-account', 'weak'),
  ],
  [/(?:secret|security)answers?\d{0,2}$|maidenname$/, key('secret', 'strong')],
  [/^(?:dob|birthday|(?:dateof)?birthdate|dateofbirth)$/, key('birth-date', 'weak')],
  [/^(?:pan|ccnum)$|(?:card|cc)(?:number|num|no)$|creditcard$/, key('card', 'weak')],
  [
    /(?:phone|mobile|cell|telephone|contact)(?:numbers?|no)$|(?:phone|mobile|cell|telephone)s?(?:no)?\d?$|^(?:tel|fax|faxnumber|msisdn|whatsapp)$/,
    key('phone', 'weak'),
  ],
  [/(?:signature|hmac)(?:value|provided)?\d{0,3}$|^(?:sig|xgoogsignature)$/, key('signature', 'weak')],
  [/[a-z]session$/, key('session', 'weak')],
  [/^(?:csrf|xsrf)$/, key('token', 'weak')],
  [/credentials?$|authuserinfo$|^(?:device|auth|authorization)code$/, key('credential', 'weak')],
];

/** Names that say it all alone. Looked up before the rules: `code` stands in every error, and making them all takes time. */
const WHOLE_NAMES: ReadonlyMap<string, SecretKey> = new Map([
  ...['auth', 'sid', 'session', 'pass', 'pw', 'bearer', 'oauth2bearer'].map(
    (name) => [name, key('credential', 'weak')] as const,
  ),
  ...['key', 'code', 'assertion', 'oobcode'].map((name) => [name, key('credential', 'query')] as const),
]);

/** What every rule needs: most names have none of it. */
const HINT =
  /pass|pwd|pw|secret|token|key|auth|cookie|sess|otp|code|cv[vc]|csc|pin|ssn|social|national|pan|cc|card|phone|mobile|cell|tel|fax|msisdn|whatsapp|sig|hmac|sid|bearer|cred|assertion|jwt|saml|mnemonic|phrase|contrase|senha|wacht|kennwort|depasse|clave|senord|psk|srf|cpf|cnpj|dni|nif|pesel|bsn|curp|aadhaar|nino|tax|steuer|nummer|fiscale|licen|account|acct|birth|dob|contact|nie|nhs|medicare|insurance|sortcode|routing|answer|maiden/;

/** A variable of an environment, or a header. */
const SOMEBODYS_KEY = /^[A-Z][A-Z\d_]{0,60}_KEY$|^[Xx]-[A-Za-z\d-]{1,60}-[Kk]ey$/;

/** Says whether the value under a name is a secret: undefined when the name does not tell. */
export function secretKey(name: string): SecretKey | undefined {
  // `LARAVEL_PASS`, `db.pass`: without its separator it might be a `bypass`.
  const suffix = /[_.-](pass|pw|auth)\d{0,3}$/i.exec(name)?.[1];
  if (suffix !== undefined) {
    const isVariable = /^[A-Z\d_]+$/.test(name) && suffix !== 'AUTH';
    return isVariable ? key('password', 'strong') : key('credential', 'weak');
  }
  const lower = name.slice(-96).toLowerCase();
  // To make the second expression takes longer than all the rest of a first call.
  const flat = /^[a-z0-9]*$/.test(lower) ? lower : lower.replace(/[^\p{L}\p{N}]/gu, '');
  const whole = WHOLE_NAMES.get(flat);
  if (whole) return whole;
  if (!HINT.test(flat) || HARMLESS.test(flat)) return undefined;
  for (const [pattern, found] of RULES) if (pattern.test(flat)) return found;
  // `OPENAI_KEY`, `X-Insert-Key`: whose key it is, nobody can list.
  return SOMEBODYS_KEY.test(name) ? key('api-key', 'weak') : undefined;
}

/** The key that a field of a nested object stands for: `phone: {number: …}` is a phone number, `password: {value: …}` a password. */
export function nestedKey(parent: string, field: string): SecretKey | undefined {
  if (/^(?:number|num|no|nr)$/i.test(field)) return secretKey(`${parent.replace(/s$/, '')}.number`);
  // A cell of a table has a value too.
  if (!/^val(?:ue)?$/i.test(field) || /cell$/i.test(parent)) return undefined;
  const own = secretKey(parent);
  if (own?.trust !== 'strong') return own?.trust === 'weak' ? own : undefined;
  // A parser's token has a value that is no secret.
  return own.kind === 'token' ? { kind: own.kind, trust: 'weak' } : own;
}
