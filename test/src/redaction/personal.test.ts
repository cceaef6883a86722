import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redaction.ts';
import { expectRedacted, specify } from '../../support/redaction-marks.ts';

describe('an e-mail address', () => {
  specify(
    '«a@b.de»',
    'to «ana.b+c_d-e@mail.example.com», cc',
    '<«ana@example.com»>',
    '«ana@example.com».',
    '«ana@example.com»...',
    '«müller@example.de»',
    '«ana@exämple.de»',
    '«ana@xn--exmple-cua.xn--p1ai»',
    '«ana@example.москва»',
    '«ana@1and1.com»',
    '«ana@mail.1.example.com»',
    '«ana@sub-domain.example.com»',
    "'«ana@example.com»-7'",
    "'«ana@example.com»-123456789012'",
    '«mailto:ana@example.com»',
    'q=«ana%40example.com»&x=1',
    'q=«ana%2540example.com»',
    'q=%3C«ana%40example.com»%3E',
    'q=%20«ana@example.com»',
    'q=Ana%20M%20«ana@example.com»',
    '\\n«ana@example.com»\\n',
    '\\u003c«ana@example.com»\\u003e',
    '.«ana@example.com»',
    '-«ana@example.com»',
    '%«ana@example.com»',
    '(«ana@example.com»)',
    '/«ana@example.com»',
    '/«ana@example.com»/x',
    '«ana@example.md»',
    'x:«ana@example.com»:1',
    '«ana@example.com»: not found',
    '«ana@example.com»:x',
    `${'x'.repeat(6)}«${'y'.repeat(64)}@example.com»`,
    // An address has 255 characters behind its sign.
    `«ana@${'a.'.repeat(120)}com»`,
  );

  it('is not', () => {
    for (const text of [
      'a@b',
      '@example.com',
      ' @ example.com',
      'ana.@example.com',
      '.@example.com',
      'ana@.com',
      'ana@-',
      'ana@example',
      'ana@example.',
      'ana@example.c',
      'ana@example.c1',
      'ana@example.xn--',
      'ana@xn--a.xn--!',
      'ana@example..com',
      'ana@example.abcdefghijklmnopqrstuvwxyz',
      'ana@example.com1',
      'logo@2x.png',
      'handler@bundle.js:1:2',
      'pkg@1.2.x',
      'pkg@10.*',
      'pkg@1.2.beta',
      'git@github.com:acme/web.git',
      'git@github.com',
      'deploy@host.example.com:~/srv/x',
      'deploy@host.example.com:srv/x.git',
      'ssh://deploy@host.example.com/x',
      'app@db.prod.svc',
      'app@db.prod.svc.cluster.local',
      '/srv/app@notes.md',
      '/srv/app@main.rs',
      'x@1.2.3.dev',
      'x@12.3.dev',
      'main@deploy.sh:12',
      'lib@a.py:7:1',
    ])
      expectRedacted(text);
  });
});

describe('a card', () => {
  specify(
    '«4111111111111111»',
    '«4111 1111 1111 1111»',
    '«4111-1111-1111-1111»',
    '«4111%201111%201111%201111»',
    '«4111+1111+1111+1111»',
    '«5555555555554444»',
    '«2221000000000009»',
    '«2720994326581252»',
    '«378282246310005»',
    '«3782 822463 10005»',
    '«30569309025904»',
    '«3852 000002 3237»',
    '«6011111111111117»',
    '«6445644564456445»',
    '«3530111333300000»',
    '«3530 1113 3330 0000»',
    '«6759 6498 2643 8453»',
    '«4000 0000 0000 0000 006»',
    'x=«4111111111111111»',
    '«4111111111111111»,«378282246310005»',
    '%B«4111111111111111»^DOE/JANE^',
    '«4111111111111111».',
    '«4111111111111111»-',
    'A-«4111111111111111»',
    '{"pan":"«4111111111111111»","n":1}',
  );

  it('is not', () => {
    for (const text of [
      '4111111111111112',
      '0000000000000000',
      '2222222222222222',
      '1111111111111111',
      '4000000000000000006',
      '7111111111111111',
      '2220000000000000',
      '411111111111111',
      '41111111111111110',
      '1.4111111111111111',
      '1,4111111111111111',
      '4111111111111111.5',
      '4111111111111111-1',
      '4111111111111111/2',
      '_4111111111111111',
      '/4111111111111111',
      '-4111111111111111',
      '1-4111111111111111',
      'x4111111111111111',
      'B4111111111111111',
      '4111111111111111x',
      '4111 1111-1111 1111',
    ])
      expectRedacted(text);
  });
});

describe('a phone number', () => {
  specify(
    '«+49 151 1234567»',
    '«+1 (415) 555-2671»',
    '«+14155552671»',
    '«%2B14155552671»',
    '«0049 151 1234567»',
    '«(+49) 151 1234567»',
    '«+12345678»',
    '«+123456789012345»',
    '«1-415-555-2671»',
    '«(415) 555-2671»',
    '«415.555.2671»',
    '«415-555-2671»',
    '«01 23 45 67 89»',
    '«(02) 1234 5678»',
    '«0151/1234567»',
    '«0151-123 4567»',
    '«030 1234 5678»',
    '«8 (912) 345-67-89»',
    'call «+49 151 1234567», now',
    'tel:«+491511234567»',
  );

  it('is not', () => {
    for (const text of [
      '+1234567',
      '001234567890',
      '0000 151 1234567',
      '115-555-2671',
      '415-155-2671',
      '4155552671',
      '0151 123 45',
      '12+34567890',
      '1.415.555.2671.8',
      '02 1234 567',
    ])
      expectRedacted(text);
  });
});

describe('a social security number', () => {
  specify('«123-45-6789»', 'of «123-45-6789».');
  it('is not', () => {
    for (const text of [
      '000-45-6789',
      '666-45-6789',
      '923-45-6789',
      '123-00-6789',
      '123-45-0000',
      '1123-45-6789',
    ])
      expectRedacted(text);
  });
});

describe('an IP address, where it is asked for,', () => {
  const { redact } = createRedactor({ ips: true });
  for (const text of [
    '«203.0.113.7»',
    'from «203.0.113.7»:443',
    '«255.254.0.1»',
    '«10.0.0.1»,«10.0.0.2»',
    '«1.127.0.1»',
    '«0.0.0.10»',
    '«2001:db8::7»',
    '«2001:db8::7»:443',
    '«2001:db8::abcd»',
    '«2001:db8:1:2:3:4:5:6»',
    '[«2001:db8::7»]:443',
    '«fe80::1ff:fe23:4567:890a»',
    '«::ffff:1»',
    '«2001:db8::»',
    '«2001:db8::1234»:56789',
    '127.0.0.1',
    '0.0.0.0',
    '255.255.255.0',
    '::1',
    '0:0:0:0:0:0:0:1',
    '0:0:0:0:0:0:0:0',
    '::',
    '1.2.3.4.5',
    '256.1.1.1',
    'v1.2.3.4',
    'Chrome/1.2.3.4',
    '1.2.3.4-rc',
    '10:20:30',
    '00:1B:44:11:3A:B7',
  ])
    it(text, () => expectRedacted(text, redact));
});

it('a number that was hidden may have hidden another beside it', () => {
  expectRedacted('«4111111111111111» «415-555-2671»');
  expect(createRedactor().redact('4111 1111 1111 1111 415-555-2671')).toBe(
    '[REDACTED:card] [REDACTED:phone]',
  );
});
