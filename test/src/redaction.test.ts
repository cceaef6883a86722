import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashErrorLog } from '../../src/hashing.ts';
import { createRedactor, redact } from '../../src/redaction.ts';
import { harmlessShapes, personalShapes, secretShapes } from '../support/redaction-shapes.ts';
import { harmlessTexts, personalTexts, secretTexts } from '../support/redaction-texts.ts';

/** Tokens are joined here: the repository holds none of valid form. */
const token = {
  aws: `AK${'IA'}${'Q7'.repeat(8)}`,
  github: `gh${'p_'}${'a1B2'.repeat(9)}`,
  stripe: `sk${'_live_'}${'a1B2'.repeat(6)}`,
  slack: `xo${'xb-'}${'12'.repeat(6)}-${'34'.repeat(6)}-${'a1B2'.repeat(6)}`,
  jwt: ['{"alg":"HS256"}', '{"sub":"1"}', 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.'),
};

/** What stands between « and », and nothing else, gives way to a placeholder. */
function expectHidden(marked: string): void {
  const redacted = redact(marked.replace(/[«»]/g, ''));
  expect(redacted.replace(/\[REDACTED:[a-z\d-]+\]/g, '«»')).toBe(marked.replace(/«[^»]*»/g, '«»'));
}

describe('redact hides a secret in', () => {
  for (const text of [...secretTexts, ...secretShapes]) it(text, () => expectHidden(text));
});

describe('redact hides personal data in', () => {
  for (const text of [...personalTexts, ...personalShapes]) it(text, () => expectHidden(text));
});

describe('redact leaves alone', () => {
  for (const text of [...harmlessTexts, ...harmlessShapes]) {
    it(text, () => expect(redact(text)).toBe(text));
  }
});

describe('redact', () => {
  it('names what it hid, and keeps everything around it', () => {
    expect(redact('connect postgres://app:hunter2@db.internal/main failed')).toBe(
      'connect postgres://app:[REDACTED:password]@db.internal/main failed',
    );
    expect(redact(`bad key ${token.github}, sorry`)).toBe('bad key [REDACTED:github-token], sorry');
    expect(redact(`Authorization: Bearer ${token.jwt}`)).toBe('Authorization: Bearer [REDACTED:jwt]');
  });

  for (const [kind, value] of Object.entries(token)) {
    it(`finds a token of ${kind} behind escapes, colours and line ends`, () => {
      for (const before of ['\\n', '\\u0026', '%3D', '\u001b[31m', '\n', '"', '=', '(']) {
        expect(redact(`x ${before}${value}`)).not.toContain(value.slice(-8));
      }
    });
  }

  it('hides the secret that follows the id of an access key', () => {
    const secret = 'wJalrXUt/FEMI+K7MDENG'.padEnd(40, 'x');
    expect(redact(`aws_key=${token.aws}:${secret}`)).toBe('aws_key=[REDACTED:aws-access-key]');
  });

  it('opens base64 of a private key and of a token', () => {
    const pem = `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${'Ab1+'.repeat(16)}`;
    for (const text of [pem, token.jwt]) {
      const encoded = Buffer.from(text).toString('base64');
      expect(redact(`  tls.key: ${encoded}`)).toBe('  tls.key: [REDACTED:encoded-secret]');
    }
    const certificate = Buffer.from(`-----BEGIN CERTIFICATE-----\n${'Ab1+'.repeat(16)}`).toString('base64');
    expect(redact(`  tls.crt: ${certificate}`)).toContain(certificate);
  });

  it('finds the token of a bot in the path of its address', () => {
    const url = `https://api.telegram.org/bot${'12345'.repeat(2)}:${'AA'}${'a1B2'.repeat(8)}x/sendMessage`;
    expect(redact(url)).toBe('https://api.telegram.org/bot[REDACTED:telegram-token]/sendMessage');
  });

  it('sees through characters that nobody sees, and leaves those that hide nothing', () => {
    for (const hidden of ['\u200b', '\u200d\u2060', '\u00ad', '\ufeff', '\u{e0041}']) {
      const { github } = token;
      const split = `${github.slice(0, 9)}${hidden}${github.slice(9, 20)}${hidden}${github.slice(20)}`;
      expect(redact(`caf\u00e9${hidden} ${split}${hidden}!`)).toBe(
        `caf\u00e9${hidden} [REDACTED:github-token]${hidden}!`,
      );
      expect(redact(`pass${hidden}word=hunt${hidden}er2 ${hidden}x`)).toBe(
        `pass${hidden}word=[REDACTED:password] ${hidden}x`,
      );
      expect(redact(`bob${hidden}@exam${hidden}ple.com, 4111 ${hidden}1111 1111 1111`)).toBe(
        '[REDACTED:email], [REDACTED:card]',
      );
      expect(redact({ [`api${hidden}Key`]: 'x1' })).toEqual({ [`api${hidden}Key`]: '[REDACTED:api-key]' });
    }
    expect(redact('\u{1f468}\u200d\u{1f469} wrote caf\u00e9')).toBe(
      '\u{1f468}\u200d\u{1f469} wrote caf\u00e9',
    );
  });

  it('sees through colours and controls, which may also part a secret from the word before it', () => {
    const { github } = token;
    expect(redact(`x\u001b[31m${github}\u001b[0m.`)).toBe('x\u001b[31m[REDACTED:github-token]\u001b[0m.');
    expect(redact(`${github.slice(0, 9)}\u0000${github.slice(9, 20)}\u001b[1m${github.slice(20)}.`)).toBe(
      '[REDACTED:github-token].',
    );
    expect(redact('pass\u001b[1mword=hunter2\r\nuser=bob')).toBe(
      'pass\u001b[1mword=[REDACTED:password]\r\nuser=bob',
    );
  });

  it('reads coloured text as it is seen, and as it stands where a colour alone parts two words', () => {
    expect(
      redact("{ \u001b[35mpassword\u001b[39m: \u001b[32m'hunter2'\u001b[39m, port: \u001b[33m1\u001b[39m }"),
    ).toBe(
      "{ \u001b[35mpassword\u001b[39m: \u001b[32m'[REDACTED:password]'\u001b[39m, port: \u001b[33m1\u001b[39m }",
    );
    expect(redact('password=hunter2\u001b[0m(from the environment)')).not.toContain('hunter2');
    expect(redact('KEY=1\u0000password=hunter2\u0000HOME=/root')).not.toContain('hunter2');
    expect(redact('\u001b[32m12 passed\u001b[39m, token: \u001b[1mmissing\u001b[22m')).toBe(
      '\u001b[32m12 passed\u001b[39m, token: \u001b[1mmissing\u001b[22m',
    );
  });

  it('does not find tokens inside longer words', () => {
    const text = `build/x${token.aws}`;
    expect(redact(text)).toBe(text);
  });

  it('follows a token over the line end that a shell escaped', () => {
    const { github } = token;
    const text = `token\n  ${github.slice(0, 24)}\\\n  ${github.slice(24)}\n    at a (/srv/a.js:1:1)`;
    expect(redact(text)).toBe('token\n  [REDACTED:github-token]\n    at a (/srv/a.js:1:1)');
  });

  it('keeps the rest of an address whose password it hides', () => {
    expect(redact('amqps://worker:p%40ss@mq.example.com:5671/prod?heartbeat=5')).toBe(
      'amqps://worker:[REDACTED:password]@mq.example.com:5671/prod?heartbeat=5',
    );
  });

  it('keeps a private key out in whatever form it is logged', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC'.padEnd(64, 'x');
    const key = ['BEGIN', `${line}\n${line}\nabcd==`, 'END']
      .map((part) => (/^[BE]/.test(part) && part.length < 6 ? `-----${part} PRIVATE KEY-----` : part))
      .join('\n');
    for (const text of [
      key,
      JSON.stringify({ key }),
      JSON.stringify(JSON.stringify({ key })),
      key.slice(0, 120),
      key.slice(40),
    ]) {
      const redacted = redact(`before ${text}\nafter`);
      expect(redacted).not.toMatch(/MIIEvQ|xxxxxxxx|abcd==/);
      expect(redacted).toMatch(/^before .*after$/s);
    }
  });

  it('keeps the frames of a stack that follows a cut key', () => {
    const text = `-----BEGIN RSA PRIVATE KEY-----\n${'Ab1+'.repeat(16)}\n    at read (/srv/app/key.js:3:5)`;
    expect(redact(text)).toBe('[REDACTED:private-key]\n    at read (/srv/app/key.js:3:5)');
  });

  it('opens base64 of JSON', () => {
    const encoded = Buffer.from(JSON.stringify({ username: 'svc', password: 'Winter2!x' })).toString(
      'base64',
    );
    expect(redact(`{"authconfig":"${encoded}"}`)).toBe('{"authconfig":"[REDACTED:encoded-secret]"}');
    const harmless = Buffer.from(JSON.stringify({ page: 2, order: 'asc', size: 50 })).toString('base64');
    expect(redact(`{"cursor":"${harmless}"}`)).toContain(harmless);
  });

  it('keeps JSON readable, numbers and nested texts included', () => {
    const record = {
      level: 50,
      pan: 4_111_111_111_111_111,
      body: JSON.stringify({ password: 'a"b\\c', n: 1 }),
    };
    const parsed = JSON.parse(redact(JSON.stringify(record)));
    expect(parsed).toEqual({
      level: 50,
      pan: '[REDACTED:card]',
      body: '{"password":"[REDACTED:password]","n":1}',
    });
  });

  it('lets IP addresses be, unless they are asked for', () => {
    const text = 'connect 203.0.113.7:443 from 2001:db8::7 and 127.0.0.1, agent Chrome/1.2.3.4';
    expect(redact(text)).toBe(text);
    expect(createRedactor({ ips: true }).redact(text)).toBe(
      'connect [REDACTED:ip]:443 from [REDACTED:ip] and 127.0.0.1, agent Chrome/1.2.3.4',
    );
  });
});

describe('redact of structured data', () => {
  it('keeps the shape, at any depth', () => {
    const value = {
      user: { id: 7, email: 'bob@example.com' },
      headers: { authorization: 'Bearer abc', accept: '*/*' },
      list: ['plain', { token: 'abc', retries: 3 }],
      text: JSON.stringify({ deep: JSON.stringify({ secret: 'abc' }) }),
    };
    expect(redact(value)).toEqual({
      user: { id: 7, email: '[REDACTED:email]' },
      headers: { authorization: '[REDACTED:authorization]', accept: '*/*' },
      list: ['plain', { token: '[REDACTED:token]', retries: 3 }],
      text: JSON.stringify({ deep: JSON.stringify({ secret: '[REDACTED:secret]' }) }),
    });
  });

  it('replaces the value of a secret key whole, whatever its type, but for what says nothing', () => {
    expect(
      redact({
        password: 1234,
        secrets: { a: 1 },
        tokens: ['a'],
        cookie: {},
        apiKey: null,
        token: '',
        pwd: false,
      }),
    ).toEqual({
      password: '[REDACTED:password]',
      secrets: '[REDACTED:secret]',
      tokens: '[REDACTED:token]',
      cookie: {},
      apiKey: null,
      token: '',
      pwd: false,
    });
  });

  it('looks at the value where the key alone does not tell', () => {
    expect(
      redact({ phone: 2_125_550_123, pin: '1234', cvv: 123, auth: 'basic', session: 'a1'.repeat(12) }),
    ).toEqual({
      phone: '[REDACTED:phone]',
      pin: '[REDACTED:card-code]',
      cvv: '[REDACTED:card-code]',
      auth: 'basic',
      session: '[REDACTED:credential]',
    });
  });

  it('keeps the private members of a JSON web key out', () => {
    const jwk = { kty: 'RSA', n: 'x'.repeat(40), d: 'y'.repeat(40), p: 'z'.repeat(40) };
    expect(redact(JSON.stringify({ jwk: JSON.stringify(jwk) }))).not.toMatch(/y{10}|z{10}/);
  });

  it('keeps what only sounds secret', () => {
    const value = {
      usage: { prompt_tokens: 1, max_tokens: 2 },
      nextPageToken: 'p2',
      tokenType: 'bearer',
      passwordLength: 12,
      secretName: 'db/main',
      publicKey: 'abc',
      keyName: 'x',
      author: 'Ann',
    };
    expect(redact(value)).toEqual(value);
  });

  it('reads headers that come as lists, and pairs of name and value', () => {
    expect(redact(['Host', 'a.example', 'Authorization', 'Bearer abc', 'X-Api-Key', 'k'])).toEqual([
      'Host',
      'a.example',
      'Authorization',
      '[REDACTED:authorization]',
      'X-Api-Key',
      '[REDACTED:api-key]',
    ]);
    expect(
      redact({
        env: [
          { name: 'DB_PASSWORD', value: 'x' },
          { name: 'PORT', value: '80' },
        ],
      }),
    ).toEqual({
      env: [
        { name: 'DB_PASSWORD', value: '[REDACTED:password]' },
        { name: 'PORT', value: '80' },
      ],
    });
  });

  it('redacts keys too, without losing one', () => {
    expect(redact({ 'a@example.com': 1, 'b@example.com': 2 })).toEqual({
      '[REDACTED:email]': 1,
      '[REDACTED:email] 2': 2,
    });
  });

  it('keeps errors, dates, maps and sets what they are to a reader', () => {
    const date = new Date(0);
    expect(redact({ date, map: new Map([['password', 'x']]), set: new Set(['bob@example.com']) })).toEqual({
      date,
      map: new Map([['password', '[REDACTED:password]']]),
      set: new Set(['[REDACTED:email]']),
    });
    expect(redact(new Error('mail to bob@example.com'))).toMatchObject({
      message: 'mail to [REDACTED:email]',
    });
  });

  it('fails closed', () => {
    const circular: Record<string, unknown> = { a: 1 };
    circular.self = circular;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const throwing = {
      get secret(): never {
        throw new Error('no');
      },
    };
    expect(redact(circular)).toEqual({ a: 1, self: '[REDACTED:unreadable]' });
    expect(redact(proxy)).toBe('[REDACTED:unreadable]');
    expect(redact(throwing)).toEqual({ secret: expect.stringMatching(/^\[REDACTED:/) });
    expect(redact({ body: Buffer.from('password') })).toEqual({ body: '[REDACTED:binary]' });
  });

  it('survives data 100,000 levels deep', () => {
    let deep: unknown = 'bob@example.com';
    for (let level = 0; level < 100_000; level++) deep = { deep };
    expect(JSON.stringify(redact(deep))).toContain('[REDACTED:unreadable]');
  });
});

describe('createRedactor', () => {
  it('adds rules and keys to what is redacted anyway', () => {
    const { redact: more } = createRedactor({
      rules: [{ kind: 'order', pattern: /ORD-\d+/ }],
      keys: ['internal_note'],
    });
    expect(more('ORD-12 of bob@example.com, ORD-13')).toBe(
      '[REDACTED:order] of [REDACTED:email], [REDACTED:order]',
    );
    expect(more('{"internalNote":"call them","n":1}')).toBe('{"internalNote":"[REDACTED:secret]","n":1}');
    expect(more({ internalNote: 'x', password: 'y' })).toEqual({
      internalNote: '[REDACTED:secret]',
      password: '[REDACTED:password]',
    });
  });

  it('gives pseudonyms that stay the same and can be undone in this process', () => {
    const redactor = createRedactor({ pseudonyms: true });
    const text = 'from a@example.com to b@example.com, then to a@example.com';
    const redacted = redactor.redact(text);
    expect(redacted).toBe('from [REDACTED:email#1] to [REDACTED:email#2], then to [REDACTED:email#1]');
    expect(redactor.restore(redacted)).toBe(text);
    expect(createRedactor({ pseudonyms: true }).restore(redacted)).toBe(redacted);
    expect(redactor.redact(redacted)).toBe(redacted);
  });

  it('has nothing to undo without pseudonyms', () => {
    expect(createRedactor().restore('[REDACTED:email]')).toBe('[REDACTED:email]');
  });
});

const texts = [...secretTexts, ...secretShapes, ...personalTexts, ...personalShapes];
const plain = (marked: string): string => marked.replace(/[«»]/g, '');

/** Logs of several lines and of lines in lines, secret and harmless. */
const logs = fc
  .array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(...texts.map(plain), ...harmlessTexts, ...Object.values(token)),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
      ),
      fc.constantFrom('\n', ' ', '\n    at pay (/srv/app/pay.js:1:1)\n', ' {"msg":"x"} '),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.flat().join(''));
const nested = fc.oneof(
  logs,
  logs.map((text) => JSON.stringify({ level: 50, msg: text })),
  logs.map((text) => JSON.stringify({ body: JSON.stringify({ error: text }) })),
);

describe('redact, whatever the text', () => {
  it('changes nothing when it is done twice', () => {
    fc.assert(
      fc.property(nested, (text) => {
        const once = redact(text);
        expect(redact(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives equal placeholders for equal texts', () => {
    fc.assert(
      fc.property(nested, (text) => {
        expect(redact(text)).toBe(redact(text));
      }),
    );
  });

  it('leaves JSON readable', () => {
    fc.assert(
      fc.property(logs, fc.boolean(), (text, twice) => {
        const inner = twice ? JSON.stringify({ text }) : text;
        expect(() =>
          JSON.parse(redact(JSON.stringify({ msg: inner, n: 4_111_111_111_111_111 }))),
        ).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });

  /** The hash masks words with digits; a secret without one is told from its placeholder. */
  const masked = texts.filter((text) =>
    [...text.matchAll(/«([^»]*)»/g)].every(([, secret]) => /\d/.test(secret ?? '')),
  );
  for (const text of masked) {
    it(`leaves the hash of an error as it is: ${text}`, () => {
      const message = plain(text);
      const stackTrace = `Error: ${message}\n    at pay (/srv/app/src/pay.js:1:1)`;
      const errorLog = { message, name: 'Error', stackTrace };
      expect(hashErrorLog(redact(errorLog)).errorHash).toBe(hashErrorLog(errorLog).errorHash);
    });
  }
});
