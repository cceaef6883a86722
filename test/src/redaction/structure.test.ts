import { describe, expect, it } from 'vitest';
import { secretKey } from '../../../src/redaction/keys.ts';
import { Pseudonyms } from '../../../src/redaction/pseudonyms.ts';
import { replaceSpans } from '../../../src/redaction/spans.ts';
import { createRedactor, redact } from '../../../src/redaction.ts';

const EMAIL = 'ana@example.com';

describe('redact of structured data', () => {
  it('keeps every value that says nothing', () => {
    const date = new Date(0);
    const call = (): number => 1;
    const value = {
      none: undefined,
      nothing: null,
      yes: true,
      n: 1.5,
      big: 12n,
      date,
      call,
      secret: call,
      token: true,
      password: null,
      apiKey: '',
      cookies: [],
      credentials: {},
    };
    expect(redact(value)).toEqual(value);
    expect(redact(undefined)).toBeUndefined();
    expect(redact(null)).toBeNull();
  });

  it('redacts what is written as text: symbols, addresses, expressions, numbers of any kind', () => {
    expect(redact(Symbol(EMAIL))).toBe('Symbol([REDACTED:email])');
    expect(redact(new URL(`https://u:hunter2@example.com/?q=${EMAIL}`))).toBe(
      'https://u:[REDACTED:password]@example.com/?q=[REDACTED:email]',
    );
    expect(redact(/ana@example\.com|bob@example.com/g)).toBe('/ana@example\\.com|[REDACTED:email]/g');
    expect(redact(4_111_111_111_111_111n)).toBe('[REDACTED:card]');
    expect(redact(4_111_111_111_111_111)).toBe('[REDACTED:card]');
    expect(redact(30_569_309_025_904)).toBe('[REDACTED:card]');
    for (const number of [4_111_111_111_111_112, 1.5e300, 0.1, -1, 1e13, Number.NaN, 2 ** 60])
      expect(redact(number)).toBe(number);
  });

  it('replaces bytes, of which nobody knows what they are', () => {
    for (const bytes of [
      Buffer.from('x'),
      new Uint8Array(2),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(1)),
    ])
      expect(redact({ bytes })).toEqual({ bytes: '[REDACTED:binary]' });
  });

  it('replaces what lies deeper than 64 levels', () => {
    let deep: unknown = 'plain';
    for (let level = 0; level < 63; level++) deep = { deep };
    expect(JSON.stringify(redact(deep))).toContain('plain');
    expect(JSON.stringify(redact({ deep }))).toContain('plain');
    expect(JSON.stringify(redact({ deep: { deep } }))).toContain('unreadable');
    for (const wrap of [(inner: unknown) => [inner], (inner: unknown) => new Map([['k', inner]])]) {
      let nested: unknown = ['plain'];
      for (let level = 0; level < 70; level++) nested = wrap(nested);
      expect(JSON.stringify([...(redact(nested) as Iterable<unknown>)].flat(80))).not.toContain('plain');
    }
    let sets: unknown = new Set(['plain']);
    for (let level = 0; level < 70; level++) sets = new Set([sets]);
    let found = redact(sets);
    while (found instanceof Set) [found] = found;
    expect(found).toBe('[REDACTED:unreadable]');
  });

  it('replaces what comes after 100,000 values', () => {
    const list = redact(new Array(100_001).fill(1));
    expect(list[99_998]).toBe(1);
    expect(list[99_999]).toBe('[REDACTED:unreadable]');
    expect(list).toHaveLength(100_001);
  });

  it('shows twice what is held twice, and once what holds itself', () => {
    const shared = { n: 1 };
    expect(redact({ a: shared, b: [shared] })).toEqual({ a: { n: 1 }, b: [{ n: 1 }] });
    const list: unknown[] = [];
    list.push(list);
    expect(redact(list)).toEqual(['[REDACTED:unreadable]']);
  });

  it('replaces only what cannot be read', () => {
    const value = {
      ok: 1,
      get broken(): never {
        throw new Error('no');
      },
    };
    expect(redact(value)).toEqual({ ok: 1, broken: '[REDACTED:unreadable]' });
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(redact({ ok: 1, proxy })).toEqual({ ok: 1, proxy: '[REDACTED:unreadable]' });
  });

  it('reads pairs of a name and a value, whatever they are called', () => {
    for (const pair of [
      { name: 'DB_PASSWORD', value: 'x1' },
      { key: 'DB_PASSWORD', val: 'x1' },
      { header: 'Authorization', Value: 'x1' },
    ])
      expect(Object.values(redact(pair))[1]).toMatch(/^\[REDACTED:/);
    for (const pair of [
      { name: 'DB_HOST', value: 'x1' },
      { name: 'DB_PASSWORD', values: 'x1' },
      { name: 'DB_PASSWORD', interval: 'x1' },
      { name: `${'x'.repeat(117)}_DB_PASSWORD`, value: 'x1' },
      { name: 7, value: 'x1' },
    ])
      expect(redact(pair)).toEqual(pair);
    const longest = { name: `${'x'.repeat(116)}_DB_PASSWORD`, value: 'x1' };
    expect(redact(longest).value).toBe('[REDACTED:password]');
  });

  it('reads headers in lists, and nothing else', () => {
    expect(
      redact([
        'cookie',
        'a',
        'Set-Cookie',
        'b',
        'proxy-authorization',
        'c',
        'x-my-token',
        'd',
        'API-Key',
        'e',
      ]),
    ).toEqual([
      'cookie',
      '[REDACTED:cookie]',
      'Set-Cookie',
      '[REDACTED:cookie]',
      'proxy-authorization',
      '[REDACTED:authorization]',
      'x-my-token',
      '[REDACTED:token]',
      'API-Key',
      '[REDACTED:api-key]',
    ]);
    for (const list of [
      ['password', 'a'],
      ['authorization', 7],
      [7, 'authorization'],
      ['authorization'],
      ['no-authorization', 'required'],
      [['cookie'], 'a'],
    ])
      expect(redact(list)).toEqual(list);
  });

  it('reads the entries of a map as fields', () => {
    expect(
      redact(
        new Map<unknown, unknown>([
          ['token', 'a1'],
          [EMAIL, 1],
          [7, 'x'],
          [{ email: EMAIL }, 1],
        ]),
      ),
    ).toEqual(
      new Map<unknown, unknown>([
        ['token', '[REDACTED:token]'],
        ['[REDACTED:email]', 1],
        [7, 'x'],
        [{ email: '[REDACTED:email]' }, 1],
      ]),
    );
  });

  it('keeps the text of an error, with its fields and its cause', () => {
    const error = Object.assign(new TypeError(`to ${EMAIL}`, { cause: new Error(`via ${EMAIL}`) }), {
      code: 'E1',
      password: 'x1',
    });
    error.stack = `TypeError: to ${EMAIL}\n    at a (/srv/a.js:1:1)`;
    expect(redact(error)).toEqual({
      name: 'TypeError',
      message: 'to [REDACTED:email]',
      stack: 'TypeError: to [REDACTED:email]\n    at a (/srv/a.js:1:1)',
      cause: expect.objectContaining({ message: 'via [REDACTED:email]' }),
      code: 'E1',
      password: '[REDACTED:password]',
    });
    expect(Object.keys(redact(new Error('x')))).toEqual(['name', 'message', 'stack']);
  });

  it('keeps a field named like a prototype a field', () => {
    const value = JSON.parse('{"__proto__":{"password":"x1"},"a":1}');
    const redacted = redact(value);
    expect(JSON.stringify(redacted)).toBe('{"__proto__":{"password":"[REDACTED:password]"},"a":1}');
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
    expect(Object.getOwnPropertyDescriptor(redacted, '__proto__')).toMatchObject({
      configurable: true,
      writable: true,
    });
  });

  it('counts the names that become equal', () => {
    expect(Object.keys(redact({ 'a@x.com': 1, 'b@x.com': 2, 'c@x.com': 3 }))).toEqual([
      '[REDACTED:email]',
      '[REDACTED:email] 2',
      '[REDACTED:email] 3',
    ]);
  });
});

describe('a field of structured data that says what the object around it is', () => {
  it('is redacted as the object would be under one name', () => {
    expect(
      redact({
        phone: { country: '49', number: '15123456789' },
        phones: [{ type: 'home', value: '5551234567' }],
        card: { brand: 'visa', number: '4000123412341234' },
        account: { number: 12345678 },
        passport: { number: 'X1234567' },
      }),
    ).toEqual({
      phone: { country: '49', number: '[REDACTED:phone]' },
      phones: [{ type: 'home', value: '[REDACTED:phone]' }],
      card: { brand: 'visa', number: '[REDACTED:card]' },
      account: { number: '[REDACTED:bank-account]' },
      passport: { number: '[REDACTED:national-id]' },
    });
  });

  it('stays where the object names nothing secret, or the value is another', () => {
    const value = {
      order: { number: '5551234567', value: '12345678' },
      phone: { number: null, verified: true },
      card: { number: 2 },
      cell: { value: '12345678' },
      phoneBook: { entry: { number: '5551234567' } },
    };
    expect(redact(value)).toEqual(value);
  });
});

describe('createRedactor', () => {
  it('looks for every hit of a rule, whatever its flags', () => {
    for (const flags of ['', 'g', 'y', 'gi', 'u']) {
      const { redact: more } = createRedactor({
        rules: [{ kind: 'order', pattern: new RegExp('ord-\\d', flags) }],
      });
      expect(more('ord-1 ord-2, ord-33')).toBe('[REDACTED:order] [REDACTED:order], [REDACTED:order]3');
    }
  });

  it('fails closed when a rule does', () => {
    const pattern = { source: 'x', flags: 'q' } as RegExp;
    expect(() => createRedactor({ rules: [{ kind: 'x', pattern }] })).toThrow(SyntaxError);
    const { redact: more } = createRedactor({ keys: ['note'] });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(more(proxy)).toBe('[REDACTED:unreadable]');
  });

  it('knows a key however it is written, and no other', () => {
    const { redact: more } = createRedactor({ keys: ['internalNote', 'IBSN', 'größe', '-'] });
    for (const name of ['internal_note', 'internalNote', 'Internal-Note', 'INTERNAL.NOTE', 'internalnote']) {
      expect(more({ [name]: 'see me' })).toEqual({ [name]: '[REDACTED:secret]' });
      expect(more(`{"${name}":"see me"}`)).toBe(`{"${name}":"[REDACTED:secret]"}`);
    }
    expect(more({ ibsn: 7, größe: { a: 1 }, note: 'x', internal: 'y' })).toEqual({
      ibsn: '[REDACTED:secret]',
      größe: '[REDACTED:secret]',
      note: 'x',
      internal: 'y',
    });
    expect(more('ibsn=abc note=x -=y')).toBe('ibsn=[REDACTED:secret] note=x -=y');
  });

  it('names equal values alike in texts, fields and names', () => {
    const redactor = createRedactor({ pseudonyms: true });
    expect(
      redactor.redact({ [EMAIL]: EMAIL, password: 'x1', list: [`to ${EMAIL}`], again: { password: 'x1' } }),
    ).toEqual({
      '[REDACTED:email#1]': '[REDACTED:email#1]',
      password: '[REDACTED:password#1]',
      list: ['to [REDACTED:email#1]'],
      again: { password: '[REDACTED:password#1]' },
    });
    expect(redactor.redact({ secret: { a: 1 }, token: Symbol.iterator })).toEqual({
      secret: '[REDACTED:secret#1]',
      token: '[REDACTED:token#1]',
    });
    expect(redactor.restore('[REDACTED:secret#1] [REDACTED:email#2]')).toBe('{"a":1} [REDACTED:email#2]');
  });
});

describe('pseudonyms', () => {
  it('are kept for ten thousand values', () => {
    const pseudonyms = new Pseudonyms();
    for (let index = 1; index <= 10_000; index++) {
      expect(pseudonyms.name('email', `${index}`)).toBe(`[REDACTED:email#${index}]`);
    }
    expect(pseudonyms.name('email', 'one more')).toBe('[REDACTED:email]');
    expect(pseudonyms.name('email', '7')).toBe('[REDACTED:email#7]');
  });

  it('are counted for each kind', () => {
    const pseudonyms = new Pseudonyms();
    expect(pseudonyms.name('email', 'a')).toBe('[REDACTED:email#1]');
    expect(pseudonyms.name('card', 'a')).toBe('[REDACTED:card#1]');
    expect(pseudonyms.restore('[REDACTED:card#1][REDACTED:card]')).toBe('a[REDACTED:card]');
  });
});

describe('spans that meet', () => {
  const replaced = (...spans: readonly (readonly [number, number, string])[]): string =>
    replaceSpans(
      '0123456789',
      spans.map(([start, end, kind]) => ({ start, end, kind })),
      (kind, secret) => `<${kind} ${secret}>`,
    );

  it('become one, named by what was found first', () => {
    expect(replaced([2, 5, 'token'], [4, 7, 'password'])).toBe('01<token 23456>789');
    expect(replaced([4, 7, 'password'], [2, 5, 'token'])).toBe('01<password 23456>789');
    expect(replaced([2, 8, 'token'], [4, 6, 'password'])).toBe('01<token 234567>89');
    expect(replaced([2, 4, 'a'], [6, 8, 'c'], [3, 7, 'b'])).toBe('01<a 234567>89');
  });

  it('stay two when they only touch', () => {
    expect(replaced([2, 4, 'token'], [4, 6, 'password'])).toBe('01<token 23><password 45>6789');
  });

  it('are what was announced rather than what only looks so', () => {
    expect(replaced([2, 8, 'email'], [4, 6, 'password'])).toBe('0123<password 45>6789');
    expect(replaced([2, 5, 'password'], [4, 8, 'email'])).toBe('01<password 234>56789');
    expect(replaced([2, 6, 'phone'], [4, 8, 'email'])).toBe('01<phone 234567>89');
  });

  it('are none', () => expect(replaced()).toBe('0123456789'));
});

describe('a bare number of JSON', () => {
  const hidden = (marked: string): string => {
    const start = marked.indexOf('«');
    const text = marked.replace(/[«»]/g, '');
    return replaceSpans(text, [{ start, end: marked.indexOf('»') - 1, kind: 'k' }]);
  };
  it('gets the quotes of its key, at whatever depth', () => {
    expect(hidden('{"a":«12»}')).toBe('{"a":"[REDACTED:k]"}');
    expect(hidden('{"a": «-12», "b":1}')).toBe('{"a": "[REDACTED:k]", "b":1}');
    expect(hidden('{"a":      «12»}')).toBe('{"a":      "[REDACTED:k]"}');
    expect(hidden('[{"a":«12»]')).toBe('[{"a":"[REDACTED:k]"]');
    expect(hidden('"{\\"a\\":«12»}"')).toBe('"{\\"a\\":\\"[REDACTED:k]\\"}"');
    expect(hidden('{\\\\\\"a\\\\\\":«12»}')).toBe('{\\\\\\"a\\\\\\":\\\\\\"[REDACTED:k]\\\\\\"}');
    expect(hidden(`{"a":«${'1'.repeat(40)}»}`)).toBe('{"a":"[REDACTED:k]"}');
    expect(hidden(`{"a":«-${'1'.repeat(40)}»}`)).toBe('{"a":"[REDACTED:k]"}');
  });
  it('is none where it is text, or no key stands before it', () => {
    for (const text of [
      '{"a":«1x»}',
      '{"a":«12»',
      '{a:«12»}',
      '["a",«12»]',
      '{"a"«12»}',
      '{"a":         «12»}',
    ])
      expect(hidden(text)).toBe(text.replace(/«.*»/, '[REDACTED:k]'));
  });
});

describe('the name of a key tells what its value is', () => {
  for (const [kind, trust, ...names] of [
    [
      'password',
      'strong',
      'password',
      'newPassword2',
      'DB_PASSWORD',
      'USER_PASS1',
      'DB_PASS',
      'dbpass',
      'Passwort',
      'lösenord',
      'contraseña',
      'MY_PW',
      'userpw',
      'pwd',
      'psk',
    ],
    [
      'credential',
      'weak',
      'db.pass',
      'smtp-pass2',
      'npm_auth',
      'NPM_AUTH',
      'pass',
      'pw',
      'auth',
      'credentials',
      'authCode',
    ],
    ['api-key', 'strong', 'apiKey', 'x-api-key', 'AWS_SECRET_ACCESS_KEY', 'serviceKeys'],
    ['api-key', 'weak', 'ACME_KEY', 'x-acme-key', 'X-Acme-Key'],
    ['token', 'strong', 'token', 'accessToken', 'tokens', 'refresh_token_2', 'id-token'],
    ['authorization', 'header', 'authorization', 'Proxy-Authorization'],
    ['cookie', 'cookie', 'cookie', 'set-cookie2', 'cookies'],
    ['credential', 'query', 'key', 'code'],
    ['phone', 'weak', 'phone', 'mobileNumber', 'tel'],
    ['card-code', 'weak', 'cvv', 'pin'],
  ] as const)
    it(`${names.join(', ')}: ${kind}, ${trust}`, () => {
      for (const name of names) expect({ name, ...secretKey(name) }).toEqual({ name, kind, trust });
    });

  it('or that it is none', () => {
    for (const name of [
      '',
      'name',
      'bypass',
      'compass',
      'maxTokens',
      'nextPageToken',
      'publicKey',
      'ACME_KEYS',
      'acme_key',
      'Acme_KEY',
      '1ACME_KEY',
      'y-acme-key',
      'x-acme-keys',
      'author',
      'password_length',
      `password${'x'.repeat(96)}`,
      `ACME${'_'.repeat(61)}X_KEY`,
    ])
      expect({ name, key: secretKey(name) }).toEqual({ name, key: undefined });
  });

  it('by its last 96 characters', () => {
    expect(secretKey(`${'x'.repeat(5000)}_password`)?.kind).toBe('password');
  });
});
