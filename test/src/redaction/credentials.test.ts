import { describe, expect, it } from 'vitest';
import { TOKEN_FORMATS } from '../../../src/redaction/token-formats.ts';
import { redact } from '../../../src/redaction.ts';
import { expectRedacted, specify } from '../../support/redaction-marks.ts';

/** Made here, so that the repository holds no credential of valid form. */
const run = (length: number, of = 'a1b2c3d4e5f6'): string =>
  of.repeat(Math.ceil(length / of.length)).slice(0, length);
const mixed = (length: number): string => run(length, 'aB1cD2eF3gH4');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('a token of a known form', () => {
  const tokens: Readonly<Record<string, string>> = {
    'mailgun-key': `${run(32)}-${run(8)}-${run(8)}`,
    'mailchimp-key': `${run(32)}-us${12}`,
    'telegram-token': `${run(9, '712345689')}:${'AA'}${mixed(33)}`,
    'discord-token': `${'M'}${mixed(23)}.${mixed(6)}.${mixed(38)}`,
    'asana-token': `1/${run(16, '1234567890')}:${run(32)}`,
    'terraform-token': `${mixed(14)}.atlas${'v1.'}${mixed(64)}`,
    'newrelic-key': `${run(36)}${'NR'}AL`,
    'azure-devops-token': `${mixed(76)}${'AZ'}DO${mixed(4)}`,
    'azure-client-secret': `abc8${'Q'}~${mixed(34)}`,
    'aws-access-key': `${'AK'}IA${run(16, 'Q7')}`,
    'private-key': `${'xp'}rv${run(107, 'aBcDeFgH1')}`,
    'openai-key': `${'sk'}-${mixed(40)}`,
  };
  for (const [kind, token] of Object.entries(tokens)) {
    it(`is hidden whole, however it is set: ${kind}`, () => {
      for (const [before, after] of [
        ['', ''],
        ['x ', ' y'],
        ['"', '"'],
        ['(', ').'],
        ['=', '&'],
        ['got\\n', '\\n'],
        [`${'z'.repeat(90)} `, '\n'],
      ])
        expect(redact(`${before}${token}${after}`)).toBe(`${before}[REDACTED:${kind}]${after}`);
    });
  }

  it('is hidden to its end, though it is longer than its issuer says', () => {
    const long = `${'gh'}p_${mixed(36)}`;
    expect(redact(`x ${long}_more-`)).toBe('x [REDACTED:github-token]-');
    expect(redact(`${'AK'}IA${run(16, 'Q7')}_1`)).toBe('[REDACTED:aws-access-key]');
  });

  it('is none when it is too short, too long or in a longer word', () => {
    for (const text of [
      `${run(32)}-${run(8)}-${run(7)}`,
      `${run(32)}-us`,
      `${run(32)}-us1x`,
      `${run(31)}-us1`,
      `${run(7, '1234567')}:AA${mixed(33)}`,
      `${run(9, '712345689')}:AB${mixed(33)}`,
      `${'L'}${mixed(23)}.${mixed(6)}.${mixed(38)}`,
      `${'P'}${mixed(23)}.${mixed(6)}.${mixed(38)}`,
      `${'M'}${mixed(23)}.${mixed(5)}.${mixed(38)}`,
      `${mixed(13)}.atlas${'v1.'}${mixed(64)}`,
      `${mixed(14)}.atlas${'v1.'}${mixed(39)}`,
      `${run(35)}${'NR'}AL`,
      `${run(36)}${'NR'}ALx`,
      `${mixed(75)}${'AZ'}DO${mixed(4)}`,
      `${mixed(76)}${'AZ'}DO${mixed(3)}`,
      `ab8${'Q'}~${mixed(34)}`,
      `abc8${'Q'}~${mixed(29)}`,
      `${'AK'}IA${run(15, 'Q7')}`,
      `${'AK'}IA${run(17, 'Q7')}`,
    ])
      expectRedacted(text);
  });

  it('is found twice, and with another in between', () => {
    const terraform = `${mixed(14)}.atlas${'v1.'}${mixed(64)}`;
    expect(redact(`.atlasv1.x ${terraform} ${terraform}`)).toBe(
      '.atlasv1.x [REDACTED:terraform-token] [REDACTED:terraform-token]',
    );
    expect(redact(`zz${mixed(14)}.atlas${'v1.'}${mixed(64)}`)).toMatch(/^zz\[REDACTED:terraform-token\]$/);
  });

  it('is followed over the line end that a shell escaped', () => {
    const token = `${'gh'}p_${mixed(20)}`;
    for (const [end, kept] of [
      ['\\\n  abcd1234', ''],
      ['\\\\nabcd1234', ''],
      ['\\nabcd1234', '\\nabcd1234'],
      ['\\\n  abcd', '\\\n  abcd'],
      ['\n  abcd1234', '\n  abcd1234'],
    ])
      expect(redact(`${token}${end}`)).toBe(`[REDACTED:github-token]${kept}`);
  });

  it('has a kind of its own, whose beginnings nobody else claims', () => {
    const claimed = new Map<string, string>();
    for (const { kind, prefixes } of TOKEN_FORMATS) {
      for (const prefix of prefixes) {
        expect(claimed.get(prefix) ?? kind).toBe(kind);
        claimed.set(prefix, kind);
        expect(prefix.length).toBeGreaterThan(1);
      }
    }
    expect(claimed.size).toBeGreaterThan(200);
  });
});

describe('base64', () => {
  const body = JSON.stringify({ user: 'svc>>>', password: 'Winter2!x', more: '???' });
  it('of JSON with a password is hidden, also where its signs are encoded, or twice', () => {
    const encoded = base64(body);
    expect(encoded).toMatch(/[+/]/);
    expect(redact(`a=${encoded} b`)).toBe('a=[REDACTED:encoded-secret] b');
    const escaped = encodeURIComponent(encoded);
    expect(escaped).toContain('%');
    expect(redact(`?a=${escaped}&b`)).toBe('?a=[REDACTED:encoded-secret]&b');
    const spaced = base64(JSON.stringify(JSON.parse(body), null, 1));
    expect(redact(`x ${spaced}`)).toBe('x [REDACTED:encoded-secret]');
  });
  it('of anything else stays', () => {
    for (const text of [
      base64('{"page":2,"order":"asc","size":50}'),
      base64(`x${body}`),
      base64('{"a":1}'),
      `${base64('{"password"')}`,
      `z${base64(body)}`,
    ])
      expectRedacted(`x ${text} y`);
  });
});

describe('a private key', () => {
  const line = run(64, 'MIIEvQIBADANBgkq');
  const pem = (...lines: string[]): string =>
    [`-----BEGIN ${'PRIVATE'} KEY-----`, ...lines, `-----END ${'PRIVATE'} KEY-----`].join('\n');
  const begin = `-----BEGIN RSA ${'PRIVATE'} KEY-----`;
  const end = `-----END RSA ${'PRIVATE'} KEY-----`;

  it('is hidden from its first line to its last', () => {
    const key = pem(line, line, 'abcd==');
    expectRedacted(`a «${key}» b «${key}» c`);
    expectRedacted(`a «${key.replaceAll('\n', '\\n')}»\\nb`);
    expectRedacted(
      `«${begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\n${line}\nabc=\n${end}»\nx`,
    );
    expectRedacted(
      `«-----BEGIN PGP ${'PRIVATE'} KEY BLOCK-----\n\n${line}\n=abcd\n-----END PGP ${'PRIVATE'} KEY BLOCK-----» x`,
    );
    expectRedacted(`«${pem('short')}»`);
  });

  it('ends where the next one begins', () => {
    expectRedacted(`«${begin}\n${line}»\nprose\n«${begin}\n${line}\n${end}»`);
    expectRedacted(`«${begin}\n${line}»\n-----END CERTIFICATE-----\n`);
  });

  it('that lost its end is hidden as far as its lines go', () => {
    expectRedacted(`«${begin}\n${line}\n${line}»\n    at a (/srv/a.js:1:1)`);
    expectRedacted(`«${begin}\n${line}\nabcdefghijklmnopqrst»\nabcdefghijklmnopqrstuv`);
    expectRedacted(`«${begin}\n${line}\nabc»…`);
    expectRedacted(`"«${begin}\\n${line}\\nabc»", x`);
    expectRedacted(`«${begin}\n${line}\nabc»...`);
    expectRedacted(`«${begin}\n${line}\nabc»`);
    expectRedacted(`«${begin}\n${line}»\nabc is no base64`);
    expectRedacted(`«${begin}» is missing`);
    expectRedacted(`«${begin}»`);
    const lines = Array.from({ length: 400 }, () => line).join('\n');
    expect(redact(`${begin}\n${lines}\n${end}`)).toMatch(/^\[REDACTED:private-key\]/);
  });

  it('that lost its beginning is hidden from where a line of it begins', () => {
    expectRedacted(`cut «${line}\n${line}\nabcd==\n${end}» x`);
    expectRedacted(`"«${line}\\n${line}\\nabcd==\\n${end}»" x`);
    expectRedacted(`«${end}»`);
    expectRedacted(`no key: «${end}»`);
  });

  it('of PuTTY is hidden', () => {
    const putty = `Private-Lines: 2\n${line}\n${line}`;
    expectRedacted(`Encryption: none\n«${putty}»\nPrivate-MAC: 12`);
    expectRedacted(`«${putty}»\n\nx «${putty}»\n\n`);
  });

  it('is none in a public one', () => {
    for (const text of ['-----BEGIN PUBLIC KEY-----', '-----BEGIN CERTIFICATE-----', 'Public-Lines: 2'])
      expectRedacted(`${text}\n${line}\n${line}`);
    expectRedacted('no PRIVATE KEY here');
  });

  it('is what the private members of a JSON web key hold', () => {
    const jwk = JSON.stringify({
      kty: 'RSA',
      n: run(40),
      e: 'AQAB',
      d: mixed(40),
      p: mixed(16),
      k: mixed(15),
    });
    const marked = jwk.replace(mixed(40), `«${mixed(40)}»`).replace(`"${mixed(16)}"`, `"«${mixed(16)}»"`);
    expectRedacted(marked);
    expectRedacted(JSON.stringify({ jwk: marked }));
    expectRedacted(jwk.replace('kty', 'type'));
  });
});

describe('an Authorization header', () => {
  specify(
    'authorization: Bearer «abcd»',
    'authorization: bearer «abc.def_ghi-jkl~mno+/=»',
    'Authorization: Basic «dXNlcjpwYXNz»',
    'Authorization: «a1b2c3d4»',
    '"authorization":"«a secret»"',
    '"authorization":"Bearer «ab»"',
    'authorization=Bearer+«abcd1234»',
    'authorization: Token token="«abcd1234»"',
    'authorization: Digest username="bob", response="«ab12»", nc=00000001, qop=auth',
    'authorization: Hawk id="«dh37»", ts="1353832234", nonce="«j4h3»", mac="«6R4rV5iE»"\nx: 1',
    'authorization: AWS4-HMAC-SHA256 Credential=«AK/20250101/aws4», SignedHeaders=host;date, Signature=«ab12cd»',
    'authorization: SharedAccessSignature sr=x&sig=«ab12»&se=1&skn=root',
    'authorization: HMAC-SHA256 «Credential=abc&Signature=def»',
    "headers: { authorization: 'ApiKey «ab12»' }",
  );
  it('is not', () => {
    for (const text of [
      'authorization: required',
      'authorization: required by the server',
      'authorization: Bearer abc',
      'authorization: Bearer',
      '"authorization":"must be given"',
      '"authorization":""',
      'authorization: a1b2c3d',
    ])
      expectRedacted(text);
  });
});

describe('a scheme in running text', () => {
  specify(
    'sent Bearer «a1b2c3d4e5f6», got 401',
    'sent bearer «a1b2c3d4e5f6».',
    'sent bearer "«a1b2c3d4e5f6»"',
    'sent Bearer%20«a1b2c3d4e5f6»',
    'sent Bearer+«a1b2c3d4e5f6»',
    `basic «${base64('user:hunter2')}»`,
    `basic «${base64('usr:a')}»`,
    `Basic «${Buffer.from('müller:hunter2', 'latin1').toString('base64')}»`,
    'SSWS «00a1b2c3d4e5»',
    'SharedAccessSignature sr=x&sig=«a1b2»&se=1',
    'Using SharedAccessSignature sig=«a1b2»" here',
    '\\"AWS4-HMAC-SHA256 Credential=«AK/1», Signature=«ab12»\\", x',
  );
  it('is not', () => {
    for (const text of [
      'Bearer token missing',
      'bearer a1b2c3d4e5f',
      'bearer expires_in=3600000000000',
      'bearer authentication',
      'basic usage12345678',
      `basic ${base64('no colon here')}`,
      `basic ${base64('a:b')}`,
      `basic ${base64('\u0000\u0001:\u0002x')}`,
      'basic ab!:cdefghijk',
      'SharedAccessSignature is wrong',
      'Bearer(a1b2c3d4e5f6)',
    ])
      expectRedacted(text);
  });
});

describe('cookies', () => {
  specify(
    'Cookie: a=«b1»; c=«d2»',
    'cookie: a="«b1»"; theme=«dark»',
    'Set-Cookie: sid=«b1»; Path=/; Expires=Wed, 21 Oct 2025 07:28:00 GMT; SameSite=Lax; Secure',
    'Set-Cookie: sid=«b1»;path=/ ; Max-Age=3; Priority=High',
    '"cookie":"sid=«b1»; lang=«en-US»"',
    '"cookie":"«a1b2c3d4e5f6»"',
    "'set-cookie': ['sid=«b1»; Path=/', 'b=«c2»']",
    'cookies: { sid: "«b1»" }',
    '-H "Cookie: sid=«b1»" -H "Accept: */*"',
    "-H 'Cookie: sid=«b1»' -H 'Accept: */*'",
    '{\\"cookie\\":\\"sid=«b1»\\",\\"x\\":1}',
    'cookie: sid=«b1»; a1b2c3; «a1b2c3d4e5f6»',
    'cookie: a=; b=null; c=«d2»',
  );
  it('are not', () => {
    for (const text of [
      'cookie: missing',
      '"cookie":"consent"',
      'cookie: SameSite=Lax is required',
      'Set-Cookie: Path=/',
      'cookie: a1b2c3d4e5f',
      '"cookies":[]',
      'cookie: ',
    ])
      expectRedacted(text);
  });
});

describe('the user of an address', () => {
  specify(
    'https://u:«p4»@host/x',
    'https://u:«p4»@host.example.com/x?to=«a@b.de»',
    'https://u:«p4»@host:8080/x?to=«a@b.de»',
    'https://u:«p@ss/w0rd»@host/x',
    'https://u:«p#ss?w0rd»@host/x',
    'https://u:«p:ss»@host',
    'https://u:«12345a/b»@host/x',
    'https://u:«123456/b»@host/x',
    'https://:«p4q5»@host',
    'https://u:«p/q/r»@host/x',
    'https://u:«p{s}4»@host',
    'postgres://app:«p/a@ss»@db.internal/main',
    'postgres://app:«p@s/s@w»@db.internal:5432/main',
    'redis://:«p/a@s@h»@cache:6379/0',
    'mongodb://u:«p/w@d»@h1.internal:27017,h2:27017/db',
    'postgres://app:«p/a»@localhost/users/«ana@shop.example»',
    'postgres://app:«p/a»@db/main?mail=«ana@shop.example»',
    'postgres://app:«p/a»@db/main,https://x.example/y',
    'redis://:«p4»@host:6379/0',
    'postgres:\\/\\/u:«p4»@host\\/db',
    'url=postgres%3A%2F%2Fu%3A«p4»%40host%2Fdb&x=1',
    'url=postgres%253A%252F%252Fu%253A«p4»%2540host%252Fdb',
    'url=postgres%3a%2f%2fu%3a«p%2540x»%40host%3A5432',
    'url=postgres%3A%2F%2Fu%3A«p4»@host" y',
    'https://«a1b2c3d4e5f6a7b8»@host/x',
    'https://«a1b2c3d4e5f6a7b8c9d0»:@host/x',
    'https://«a1b2c3d4e5f6a7b8c9d0»:«x-oauth»@host/x',
    'a://u:«p4»@h b://v:«q5»@i',
    'a://b c://u:«p4»@h',
  );
  it('is not', () => {
    for (const text of [
      'https://host:8080/x@y',
      'https://host/x:y1z2@z',
      'https://host:80a/x:y',
      'https://host?x=a:b1c2@c',
      'https://host:8080?x=a:b1c2@c',
      'https://host:80#a:b1c2@c',
      'https://host#a:b1c2@c',
      'https://u:@host',
      'https://u:****@host',
      `https://u:\${PASSWORD}@host`,
      'https://user@host/x',
      'https://a1b2c3d4e5f6a7b@host',
      'https://abcdefghijklmnop@host',
      'https://u:p @host',
      'https://a:b1c2://c@d',
      'https://a1:b1c2://c1d2:e3f4',
      'postgres%3A%2F%2Fhost%3A5432%2Fdb%40x',
      'postgres%3A%2F%2Fu%3A%40host',
      'x%3A%2F%2Fu%3Ap1q2',
      'postgres%3A%2F%2Fu%3A****%40host',
      'postgres%3A%2F%2Fu%40host',
      '100%3A',
    ])
      expectRedacted(text);
  });
});

describe('an address that lets in whoever knows it', () => {
  const id = mixed(24);
  specify(
    `https://app.example.com/reset-password/«${id}»`,
    `https://app.example.com/magic-link/«${mixed(16)}»?x=1`,
    `https://app.example.com/verify/«step-${id}»`,
    `https://hooks.slack.com/services/«T1/B2/${id}» 404`,
    `https:\\/\\/hooks.slack.com\\/services\\/«T1\\/B2\\/${id}»`,
    `https://discord.com/api/v10/webhooks/12345678/«${id}»`,
    `https://hooks.zapier.com/hooks/catch/«123/${id}»`,
    `thin:app/«hunter2»@db`,
    `https://hc-ping.com/«${id}»`,
    `https://maker.ifttt.com/trigger/x/with/key/«${id}»`,
    `https://x.pagerduty.com/integration/«${run(20)}»/enqueue`,
    `https://mainnet.infura.io/v3/«${run(32)}»`,
    `https://eth.alchemy.com/v2/«${id}»`,
    `https://logs.loggly.com/inputs/«${id}»/tag/x`,
    `https://a.quiknode.pro/«${run(40)}»`,
    `https://webhook.site/«${run(8)}-${run(4)}-${run(4)}-${run(4)}-${run(12)}»`,
    `https://n8n.example.com/webhook/«${run(8)}-${run(4)}-${run(4)}-${run(4)}-${run(12)}»`,
  );
  it('is not', () => {
    for (const text of [
      `https://app.example.com/reset-password/${mixed(15)}`,
      'https://app.example.com/verify/how-to-verify-an-address-2024',
      `https://app.example.com/orders/${id}`,
      'https://hooks.example.com/services/list',
      'https://example.com/webhook/list',
    ])
      expectRedacted(text);
  });
});
