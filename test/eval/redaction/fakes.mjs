import { generateKeyPairSync } from 'node:crypto';

/** Joined here, so that no file of the repository holds a credential of valid form. */
const join = (...parts) => parts.join('');
const base64 = (text) => Buffer.from(text).toString('base64');
const base64url = (text) => Buffer.from(text).toString('base64url');

/** Tokens that their form gives away. */
export const tokens = {
  aws_access_key: (r) => join(r.pick(['AK', 'AS']), 'IA', r.upnum(16)),
  github: (r) => join('gh', r.pick(['p', 'o', 'u', 's', 'r']), '_', r.alnum(36)),
  github_fine: (r) => join('github', '_pat_', r.alnum(22), '_', r.alnum(59)),
  gitlab: (r) => join('gl', r.pick(['pat', 'dt', 'rt', 'cbt', 'ptt']), '-', r.url64(20)),
  openai: (r) => join('s', 'k-', r.alnum(20), 'T3BlbkFJ', r.alnum(20)),
  openai_project: (r) => join('s', 'k-proj-', r.url64(60), '7T3BlbkFJ', r.url64(60)),
  anthropic: (r) => join('s', 'k-ant-api03-', r.url64(93), 'AA'),
  openrouter: (r) => join('s', 'k-or-v1-', r.hex(64)),
  groq: (r) => join('gs', 'k_', r.alnum(52)),
  xai: (r) => join('xa', 'i-', r.alnum(80)),
  slack_bot: (r) => join('xo', 'xb-', r.digits(12), '-', r.digits(13), '-', r.alnum(24)),
  slack_app: (r) => join('xa', 'pp-1-A', r.upnum(10), '-', r.digits(13), '-', r.hex(64)),
  stripe: (r) => join(r.pick(['s', 'r']), 'k_', r.pick(['live', 'test']), '_', r.alnum(24)),
  stripe_webhook: (r) => join('wh', 'sec_', r.alnum(32)),
  google_api: (r) => join('AI', 'za', r.url64(35)),
  google_oauth: (r) => join('ya', '29.a0', r.url64(120)),
  google_secret: (r) => join('GOC', 'SPX-', r.url64(28)),
  google_refresh: (r) => join('1/', '/0', r.url64(60)),
  sendgrid: (r) => join('S', 'G.', r.url64(22), '.', r.url64(43)),
  npm: (r) => join('np', 'm_', r.alnum(36)),
  pypi: (r) => join('py', 'pi-AgEIcHlwaS5vcmc', r.url64(60)),
  huggingface: (r) => join('h', 'f_', r.alnum(34)),
  vault: (r) => join('hv', 's.', r.url64(90)),
  twilio: (r) => join('S', 'K', r.hex(32)),
  mailgun: (r) => join('ke', 'y-', r.hex(32)),
  mailchimp: (r) => join(r.hex(32), '-us', r.int(1, 21)),
  telegram: (r) => join(r.digits(9).replace(/^0/, '7'), ':', 'AA', r.url64(33)),
  discord: (r) => join('M', r.alnum(23), '.', r.url64(6), '.', r.url64(38)),
  shopify: (r) => join('shp', r.pick(['at', 'ca', 'ss', 'pa']), '_', r.hex(32)),
  square: (r) => join('sq', '0atp-', r.url64(22)),
  digitalocean: (r) => join('do', 'p_v1_', r.hex(64)),
  databricks: (r) => join('da', 'pi', r.hex(32)),
  doppler: (r) => join('dp', '.pt.', r.alnum(43)),
  linear: (r) => join('li', 'n_api_', r.alnum(40)),
  notion: (r) => join('nt', 'n_', r.alnum(46)),
  atlassian: (r) => join('AT', 'ATT3', r.url64(180)),
  newrelic: (r) => join('NR', 'AK-', r.upnum(27)),
  grafana: (r) => join('gl', 'sa_', r.alnum(32), '_', r.hex(8)),
  sentry: (r) => join('snt', 'ryu_', r.hex(64)),
  supabase: (r) => join('sb', 'p_', r.hex(40)),
  vercel: (r) => join('vc', 'p_', r.alnum(24)),
  planetscale: (r) => join('ps', 'cale_pw_', r.url64(43)),
  docker: (r) => join('dc', 'kr_pat_', r.url64(27)),
  postman: (r) => join('PM', 'AK-', r.hex(24), '-', r.hex(34)),
  figma: (r) => join('fi', 'gd_', r.url64(40)),
  tailscale: (r) => join('ts', 'key-auth-', r.alnum(17), '-', r.alnum(32)),
  terraform: (r) => join(r.alnum(14), '.atl', 'asv1.', r.url64(64)),
  azure_client: (r) => join(r.alnum(3), '8', 'Q~', r.url64(34)),
  hubspot: (r) => join('pa', 't-eu1-', r.uuid()),
  langsmith: (r) => join('ls', 'v2_pt_', r.hex(32), '_', r.hex(10)),
  pulumi: (r) => join('pu', 'l-', r.hex(40)),
  heroku: (r) => join('HR', 'KU-AA', r.url64(58)),
  neon: (r) => join('np', 'g_', r.mixed(12)),
  jwt: (r) =>
    [
      base64url(JSON.stringify({ alg: r.pick(['HS256', 'RS256']), typ: 'JWT' })),
      base64url(JSON.stringify({ sub: r.digits(6), iat: r.int(1.6e9, 1.8e9) })),
      r.url64(43),
    ].join('.'),
};

/** Secrets that only what stands around them gives away. */
export const secrets = {
  password: (r) =>
    r.pick([
      () => `${r.pick(WORDS)}${r.pick(WORDS)}${r.digits(4)}${r.pick(['', '!', '#', '$', '_'])}`,
      () => `${r.mixed(18)}${r.pick(['', '!', '~', '-'])}${r.alnum(3)}`,
      () => `${r.pick(WORDS).toLowerCase()}-${r.pick(WORDS).toLowerCase()}-${r.digits(2)}`,
      () => `P${r.pick(['@', '4'])}ss${r.pick(WORDS)}${r.digits(3)}`,
    ])(),
  opaque: (r) => r.mixed(r.pick([24, 32, 40])),
  hex: (r) => `${r.hex(30)}a7`,
  uuid: (r) => r.uuid(),
  aws_secret: (r) => `${r.base64(38)}x9`,
};
const WORDS = [
  'Harbor',
  'Maple',
  'Falcon',
  'Winter',
  'Copper',
  'Violet',
  'Rocket',
  'Delta',
  'Quartz',
  'Tiger',
];

/** Personal data. */
export const personal = {
  email: (r) =>
    `${r.pick(['ana', 'j.doe', 'k+test', 'm_kim', 'o-brien'])}${r.digits(2)}@${r.pick(['example.com', 'mail.example.co.uk', 'uni-koeln.de', 'acme.travel', 'firma.io'])}`,
  card: (r) =>
    grouped(
      r,
      luhn(
        r,
        r.pick([
          ['4', 16],
          ['51', 16],
          ['2221', 16],
          ['6011', 16],
          ['34', 15],
          ['37', 15],
          ['3528', 16],
          ['36', 14],
        ]),
      ),
    ),
  iban: (r) => groupedIban(r, iban(r, r.pick(IBANS))),
  phone: (r) =>
    r.pick([
      () => `+1 (${r.int(2, 9)}${r.digits(2)}) ${r.int(2, 9)}${r.digits(2)}-${r.digits(4)}`,
      () => `(${r.int(2, 9)}${r.digits(2)}) ${r.int(2, 9)}${r.digits(2)}-${r.digits(4)}`,
      () => `${r.int(2, 9)}${r.digits(2)}-${r.int(2, 9)}${r.digits(2)}-${r.digits(4)}`,
      () => `+1${r.int(2, 9)}${r.digits(2)}${r.int(2, 9)}${r.digits(6)}`,
      () => `+49 ${r.pick(['151', '170', '30'])} ${r.int(1, 9)}${r.digits(7)}`,
      () => `+44 20 ${r.digits(4)} ${r.digits(4)}`,
      () => `+33 ${r.int(1, 9)} ${r.digits(2)} ${r.digits(2)} ${r.digits(2)} ${r.digits(2)}`,
      () => `+91-${r.int(6, 9)}${r.digits(9)}`,
      () => `+86 138 ${r.digits(4)} ${r.digits(4)}`,
    ])(),
};

function luhn(r, [prefix, length]) {
  const body = prefix + r.digits(length - prefix.length - 1);
  const sum = [...body].reverse().reduce((total, digit, index) => {
    const weighed = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return body + ((10 - (sum % 10)) % 10);
}

function grouped(r, number) {
  const separator = r.pick(['', '', ' ', '-']);
  const groups = number.length === 15 ? [4, 6, 5] : number.length === 14 ? [4, 6, 4] : [4, 4, 4, 4];
  const starts = groups.map((_, index) => groups.slice(0, index).reduce((sum, size) => sum + size, 0));
  return starts.map((start, index) => number.slice(start, start + groups[index])).join(separator);
}

const IBANS = [
  ['DE', 18, false],
  ['GB', 18, true],
  ['FR', 23, false],
  ['ES', 20, false],
  ['NL', 14, true],
  ['IT', 23, 'X'],
  ['CH', 17, false],
  ['PL', 24, false],
];

function iban(r, [country, length, letters]) {
  const head = letters === true ? r.chars('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 4) : letters === 'X' ? 'X' : '';
  const bban = head + r.digits(length - head.length);
  const digits = [...`${bban}${country}00`].map((char) => Number.parseInt(char, 36)).join('');
  const check = 98n - (BigInt(digits) % 97n);
  return `${country}${String(check).padStart(2, '0')}${bban}`;
}

const groupedIban = (r, text) => (r.int(0, 1) === 0 ? text : text.replace(/.{4}(?=.)/g, '$& '));

/** A real key of a throw-away pair, in PEM. */
export function privateKey(r) {
  const [type, options] = r.pick([
    ['rsa', { modulusLength: 1024 }],
    ['ec', { namedCurve: 'P-256' }],
    ['ed25519', {}],
  ]);
  const { privateKey: key } = generateKeyPairSync(type, options);
  return key.export({ type: 'pkcs8', format: 'pem' }).trimEnd();
}

export { base64, join };
