import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createGate, type GateOptions } from '../../sink/gate.ts';
import { MAX_SKEW, readSigningKeys, signRequest } from '../../src/request-signature.ts';

const NOW = 1_750_000_000_000;
const KEY = 'a key of more than sixteen bytes';
const OTHER = 'another key of sufficient length'.replaceAll(' ', '-');
const signingKey = KEY.replaceAll(' ', '-');
const body = Buffer.from('{"events":[]}');

const gateOf = (options: Partial<GateOptions> = { signingKey }, now = () => NOW) =>
  createGate({ ...options, now });
const signed = (at = NOW, key = signingKey, text = body) => ({
  headers: { ...signRequest(readSigningKeys(key), text, at) } as Record<string, string>,
  body: text,
});

describe('a signed request', () => {
  it('is let in once', () => {
    const gate = gateOf();
    const request = signed();
    expect(gate.admits(request)).toBe(true);
    expect(gate.accepts(request)).toBe(true);
    expect(gate.accepts(request)).toBe(false);
    expect(gate.accepts(signed())).toBe(true);
  });

  it('is one as any library of Standard Webhooks makes it', () => {
    const secret = Buffer.alloc(32, 7);
    const content = `msg_1.${NOW / 1000}.${body}`;
    const signature = createHmac('sha256', secret).update(content).digest('base64');
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': `v1a,c29tZXRoaW5n v1,${signature}`,
    };
    const gate = gateOf({ signingKey: `whsec_${secret.toString('base64')}` });
    expect(gate.accepts({ headers, body })).toBe(true);
  });

  it('is refused with another body, id, time or key', () => {
    const refused = [
      { ...signed(), body: Buffer.from('{"events":[1]}') },
      { ...signed(), body: Buffer.alloc(0) },
      signed(NOW, OTHER),
      ...Object.entries({
        'webhook-id': 'req_other',
        'webhook-timestamp': String(NOW / 1000 + 1),
        'webhook-signature': 'v1,',
      }).map(([name, value]) => ({ body, headers: { ...signed().headers, [name]: value } })),
    ];
    const gate = gateOf();
    for (const request of refused) expect(gate.accepts(request)).toBe(false);
    expect(gate.accepts(signed())).toBe(true);
  });

  it('may come from a clock that is five minutes off, and no more', () => {
    const gate = gateOf();
    for (const skew of [MAX_SKEW, -MAX_SKEW]) {
      expect(gate.admits(signed(NOW + skew))).toBe(true);
      expect(gate.accepts(signed(NOW + skew))).toBe(true);
    }
    for (const skew of [MAX_SKEW + 1000, -MAX_SKEW - 1000]) {
      expect(gate.admits(signed(NOW + skew))).toBe(false);
      expect(gate.accepts(signed(NOW + skew))).toBe(false);
    }
  });

  it('is not let in again while its time is still good', () => {
    let now = NOW;
    const gate = gateOf({ signingKey }, () => now);
    const early = signed(NOW + MAX_SKEW);
    expect(gate.accepts(early)).toBe(true);
    now = NOW + 2 * MAX_SKEW - 1000;
    expect(gate.admits(early)).toBe(true);
    expect(gate.accepts(early)).toBe(false);
  });

  it('may be signed by either key while one replaces another', () => {
    const gate = gateOf({ signingKey: `${OTHER}, ${signingKey}` });
    expect(gate.accepts(signed(NOW, OTHER))).toBe(true);
    expect(gate.accepts(signed())).toBe(true);
    expect(gateOf({ signingKey: OTHER }).accepts(signed())).toBe(false);
  });

  it('follows a key that changes', () => {
    let key = signingKey;
    const gate = gateOf({ signingKey: () => key });
    expect(gate.accepts(signed())).toBe(true);
    key = OTHER;
    expect(gate.accepts(signed())).toBe(false);
    expect(gate.accepts(signed(NOW, OTHER))).toBe(true);
  });

  it('is never one that nobody signed, whatever its headers', () => {
    const gate = gateOf();
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(String(NOW / 1000), 'v1,', 'v1,AAAA', `v1,${Buffer.alloc(32).toString('base64')}`),
    );
    const headers = fc.record(
      { 'webhook-id': text, 'webhook-timestamp': text, 'webhook-signature': text, authorization: text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, (given) => {
        expect(gate.accepts({ headers: given as Record<string, string>, body })).toBe(false);
      }),
    );
  });
});

describe('the gate', () => {
  const bearer = { headers: { authorization: 'Bearer a-token-for-tests' }, body };

  it('lets all in when nothing is asked for', () => {
    expect(gateOf({}).admits({ headers: {} })).toBe(true);
    expect(gateOf({}).accepts({ headers: {}, body })).toBe(true);
  });

  it('takes the token or a signature where both are set, and nothing else', () => {
    const gate = gateOf({ token: 'a-token-for-tests', signingKey });
    expect([gate.accepts(bearer), gate.accepts(bearer), gate.accepts(signed())]).toEqual([true, true, true]);
    expect(gate.admits({ headers: { authorization: 'Bearer wrong' } })).toBe(false);
    expect(gate.accepts({ headers: { authorization: 'Bearer wrong' }, body })).toBe(false);
    // A wrong token does not spoil a right signature.
    expect(gate.accepts({ body, headers: { ...signed().headers, authorization: 'Bearer wrong' } })).toBe(
      true,
    );
  });

  it('takes no token where only a key is set, and no signature where only a token is', () => {
    expect(gateOf().accepts(bearer)).toBe(false);
    expect(gateOf({ token: 'a-token-for-tests' }).admits(signed())).toBe(false);
    expect(gateOf({ token: 'a-token-for-tests' }).accepts(signed())).toBe(false);
  });

  it('refuses a key that can be guessed, and does not show it', () => {
    for (const key of ['short', 'whsec_c2hvcnQ=', ',', `${signingKey},short`]) {
      expect(() => gateOf({ signingKey: key })).toThrow(/at least 16 bytes/);
      expect(() => gateOf({ signingKey: key })).not.toThrow(/short|c2hvcnQ/);
    }
  });
});
