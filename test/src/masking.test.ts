import { describe, expect, test } from 'vitest';
import type { MaskNote } from '../../src/masking/output.ts';
import { maskText } from '../../src/masking.ts';

describe('what differs between two occurrences is masked', () => {
  test.each([
    ['a word with a digit, whole', 'order ord_12ab not found', 'order <*> not found'],
    ['a number with its unit', 'took 300 ms for 5 MB', 'took <*> for <*>'],
    ['a number with its sign', 'lifetime <1 sec, load >80%', 'lifetime <*>, load <*>'],
    ['an amount said twice', 'sent 3216 bytes (3.14 KB) to the peer', 'sent <*> to the peer'],
    ['an address and port', 'connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED <*>'],
    ['an IPv6 address', 'connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED <*>'],
    ['a MAC address whose parts may lack a digit', 'lease for 5c:50:ab:cc:dd:13', 'lease for <*>'],
    ['a URL', 'request to http://api.test:80/v2/x?a=b failed', 'request to <*> failed'],
    ['a connection string', 'cannot reach postgres://user@db/shop', 'cannot reach <*>'],
    ['an absolute path', 'cannot open /var/log/app.log: denied', 'cannot open <*>: denied'],
    ['a Windows path', 'cannot open C:\\logs\\app.log now', 'cannot open <*> now'],
    ['an e-mail address', 'no account for jane@example.com', 'no account for <*>'],
    ['a host', 'getaddrinfo ENOTFOUND db.internal', 'getaddrinfo ENOTFOUND <*>'],
    [
      'the host of a failed lookup, whatever its form',
      'getaddrinfo EAI_AGAIN redis',
      'getaddrinfo EAI_AGAIN <*>',
    ],
    ['a UUID', 'job c4514741-400b-434e-a2d5-1ae96c82ef5b lost', 'job <*> lost'],
    ['hex without a digit', 'block deadbeef missing', 'block <*> missing'],
    ['an id without a digit', 'order ord_gvimhz and WpQzKl', 'order <*> and <*>'],
    ['a token that is hidden in part', 'bad key sk-ab****cd', 'bad key <*>'],
    ['a date with words', 'since Wed, 13 Dec 2023 13:51:43 GMT idle', 'since <*> idle'],
    ['a list, however long', 'ids (1, 2, 3) and [4, 5]', 'ids (<*>) and [<*>]'],
    ['ranges', 'nodes node-[40-63] node-[96-105] down', 'nodes <*> down'],
    ['a quoted value', 'invalid input "ord 9": no', 'invalid input <*>: no'],
    ['the value of a key', 'user=root rhost= uid=0', 'user=<*> rhost=<*> uid=<*>'],
    ['a user', 'session closed for user alice', 'session closed for user <*>'],
    ['a media type', 'Unsupported Media Type: text/csv', 'Unsupported Media Type: <*>'],
    ['a phone number', 'cannot call (493) 380-3257 back', 'cannot call <*> back'],
    [
      'the status of an access log',
      '"GET /a/1 HTTP/1.1" status: 404 len: 12',
      'GET <*> status: <*> len: <*>',
    ],
    ['a dumped list', 'got ["a", "b c"] instead', 'got <*> instead'],
  ])('%s', (_what, text, masked) => {
    expect(maskText(text)).toBe(masked);
  });

  test('of a dumped object the keys stay, and what tells the kind of failure', () => {
    expect(maskText('rejected {"id":"x1","type":"order.created","tags":["a"],"code":"E_GONE"}')).toBe(
      'rejected {id,type:order.created,tags,code:E_GONE}',
    );
    expect(maskText("Unhandled error. ({ code: 'ORPHAN', id: 439377 })")).toBe(
      'Unhandled error. ({code:ORPHAN,id})',
    );
  });
});

describe('what tells one message from another stays', () => {
  test.each([
    ['words', 'opts.cb is not a function'],
    ['the property that was read', "Cannot read properties of undefined (reading 'address1')"],
    ['names of columns and fields', "null value in column 'customer_id' violates not-null constraint"],
    ['names of modules', "Cannot find module './lib/orders'"],
    ['names of scoped packages', "Cannot find package '@scope/left-pad'"],
    ['an HTTP status', 'Request failed with status code 404'],
    ['an HTTP status with its phrase', 'Response code 503 (Service Unavailable)'],
    ['an HTTP status in front', '401 Incorrect API key provided'],
    ['a close code', 'Socket closed with code 1006'],
    ['an exit code', 'Command failed with exit code 137: npm run build'],
    ['an SQL state', 'SQLSTATE[42P01]: undefined table'],
    ['codes in letters', 'EADDRINUSE: address already in use'],
    ['constants', 'state=FAILED result=TIMED_OUT'],
    ['booleans', 'overlap=true ready=false'],
    ['classes and packages', 'com.acme.billing.Ledger closed'],
    ['apostrophes', "can't find the user's cart"],
  ])('%s', (_what, text) => {
    expect(maskText(text)).toBe(text);
  });

  test('so numbers beside a status are still masked', () => {
    expect(maskText('status 404 after 300 ms')).toBe('status 404 after <*>');
    expect(maskText('returned 478 stale keys')).toBe('returned <*> stale keys');
  });
});

describe('a secret and the placeholder that replaced it are masked alike', () => {
  test.each([
    ['password=hunter rejected', 'password=[REDACTED:password] rejected'],
    ['password: correct-horse!', 'password: [REDACTED:password]'],
    ["token='no digits here' refused", "token='[REDACTED:token]' refused"],
    ['Authorization: Bearer abc.def.ghi sent', 'Authorization: Bearer [REDACTED:token] sent'],
    ['key sk-live-9a8b7c.', 'key [REDACTED:key].'],
    ['key sk-live-9a8b7c. Next', 'key [REDACTED:key] Next'],
    ['mail jane@example.com bounced', 'mail [REDACTED:email] bounced'],
    ['card 4111 1111 1111 1111 declined', 'card [REDACTED:card] declined'],
    ['url https://u:p4@host/x?a=1 down', 'url https://u:[REDACTED:password]@host/x?a=1 down'],
    ['AccountKey=aGVsbG8=;Suffix=x', 'AccountKey=[REDACTED:key];Suffix=x'],
    ['prefix-9f8e7d6c5b', 'prefix-[REDACTED:id]'],
  ])('%s', (text, redacted) => {
    expect(maskText(redacted)).toBe(maskText(text));
    expect(maskText(text)).toContain('<*>');
  });
});

test('says what was masked, and by which rule', () => {
  const notes: MaskNote[] = [];
  maskText('order 12 of jane@example.com at /srv/x', notes);
  expect(notes).toEqual([
    { rule: 'number', text: '12' },
    { rule: 'email', text: 'jane@example.com' },
    { rule: 'path', text: '/srv/x' },
  ]);
});

test('reads a bounded part of a long text', () => {
  expect(maskText(`${'word '.repeat(100_000)}`).length).toBeLessThan(5000);
});
