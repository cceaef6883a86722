import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/pattern.ts';
import { conditionsOf } from '../../src/rule-definition.ts';
import { parseRules } from '../../src/rule-file.ts';
import { createRuleMatcher, knownErrors } from '../../src/rules.ts';
import { parseStackTrace } from '../../src/stacktrace.ts';
import type { ErrorLog } from '../../src/types.ts';

const match = createRuleMatcher(knownErrors);
const diagnose = (errorLog: ErrorLog) => match(errorLog, parseStackTrace(errorLog.stackTrace ?? ''));

/** Messages as the products write them: rule, message, and what the answer must tell (or the class, in front). */
const samples: readonly (readonly [
  id: string,
  message: string,
  tells?: string | undefined,
  name?: string,
])[] = [
  // PostgreSQL
  ['postgres/unique', 'duplicate key value violates unique constraint "users_email_key"', 'users_email_key'],
  [
    'postgres/foreign-key',
    'insert or update on table "orders" violates foreign key constraint "orders_user_id_fkey"',
    'orders_user_id_fkey',
  ],
  [
    'postgres/not-null',
    'null value in column "email" of relation "users" violates not-null constraint',
    '"email"',
  ],
  [
    'postgres/check',
    'new row for relation "orders" violates check constraint "positive_total"',
    'positive_total',
  ],
  ['postgres/password', 'password authentication failed for user "app"', '"app"'],
  [
    'postgres/pg-hba',
    'no pg_hba.conf entry for host "10.0.0.5", user "app", database "shop", no encryption',
    '10.0.0.5',
  ],
  ['postgres/password-type', 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'],
  ['postgres/no-ssl', 'The server does not support SSL connections'],
  ['postgres/no-database', 'database "shop" does not exist', '"shop"'],
  ['postgres/no-table', 'relation "orders" does not exist', '"orders"'],
  ['postgres/no-column', 'column "emial" does not exist', 'emial'],
  ['postgres/no-column', 'column o.total does not exist', 'o.total'],
  ['postgres/no-column', 'column "emial" of relation "users" does not exist', 'emial'],
  ['postgres/syntax', 'syntax error at or near ")"', '")"'],
  ['postgres/input-syntax', 'invalid input syntax for type uuid: "abc"', 'uuid'],
  ['postgres/too-long', 'value too long for type character varying(50)', 'character varying(50)'],
  ['postgres/permission', 'permission denied for table orders', 'orders'],
  ['postgres/too-many-connections', 'sorry, too many clients already'],
  [
    'postgres/too-many-connections',
    'remaining connection slots are reserved for non-replication superuser connections',
  ],
  ['postgres/shutdown', 'terminating connection due to administrator command'],
  ['postgres/shutdown', 'the database system is starting up'],
  ['postgres/connection-lost', 'Connection terminated unexpectedly'],
  ['postgres/deadlock', 'deadlock detected'],
  ['postgres/serialization', 'could not serialize access due to concurrent update'],
  ['postgres/statement-timeout', 'canceling statement due to statement timeout', 'statement timeout'],
  [
    'postgres/transaction-aborted',
    'current transaction is aborted, commands ignored until end of transaction block',
  ],
  ['pool/timeout', 'timeout exceeded when trying to connect'],
  [
    'pool/timeout',
    'Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?',
  ],
  // MySQL
  ['mysql/duplicate', "Duplicate entry 'a@b.example' for key 'users.email'", 'users.email'],
  ['mysql/access-denied', "Access denied for user 'app'@'10.0.0.5' (using password: YES)", '"app"'],
  ['mysql/no-table', "Table 'shop.orders' doesn't exist", 'shop.orders'],
  ['mysql/no-column', "Unknown column 'totl' in 'field list'", 'totl'],
  ['mysql/no-database', "Unknown database 'shop'", 'shop'],
  ['mysql/syntax', 'You have an error in your SQL syntax; check the manual'],
  [
    'mysql/foreign-key',
    'Cannot add or update a child row: a foreign key constraint fails (`shop`.`orders`, …)',
  ],
  ['mysql/bad-value', "Data too long for column 'title' at row 1", 'title'],
  ['mysql/bad-value', "Column 'title' cannot be null", 'title'],
  ['mysql/bad-value', "Incorrect integer value: 'abc' for column 'age' at row 1", 'age'],
  ['mysql/deadlock', 'Deadlock found when trying to get lock; try restarting transaction'],
  ['mysql/connection-lost', 'Connection lost: The server closed the connection.'],
  ['mysql/too-many-connections', 'Too many connections'],
  // SQLite and object mappers
  ['sqlite/busy', 'SQLITE_BUSY: database is locked'],
  ['sqlite/constraint', 'UNIQUE constraint failed: users.email', 'users.email'],
  ['sqlite/cannot-open', 'unable to open database file'],
  [
    'prisma/unique',
    '\nInvalid `prisma.user.create()` invocation:\n\n\nUnique constraint failed on the fields: (`email`)',
    '`email`',
  ],
  ['prisma/unreachable', "Can't reach database server at `db:5432`", 'db:5432'],
  ['prisma/schema', 'The table `public.User` does not exist in the current database.', 'public.User'],
  [
    'prisma/client',
    '@prisma/client did not initialize yet. Please run "prisma generate" and try to import it again.',
  ],
  ['typeorm/metadata', 'No metadata for "User" was found.', 'User'],
  ['postgres/out-of-range', 'numeric field overflow'],
  ['postgres/out-of-range', 'value "99999999999" is out of range for type integer'],
  [
    'prisma/not-found',
    'An operation failed because it depends on one or more records that were required but not found. No record was found for an update.',
  ],
  // Redis
  ['redis/unknown-command', "ERR unknown command 'JSON.SET', with args beginning with: 'a'", 'JSON.SET'],
  ['redis/no-auth', 'NOAUTH Authentication required.'],
  ['redis/wrong-password', 'WRONGPASS invalid username-password pair or user is disabled.'],
  ['redis/no-permission', 'NOPERM this user has no permissions to run the "set" command'],
  ['redis/moved', 'MOVED 3999 127.0.0.1:6381', '127.0.0.1:6381'],
  ['redis/cross-slot', "CROSSSLOT Keys in request don't hash to the same slot"],
  ['redis/out-of-memory', "OOM command not allowed when used memory > 'maxmemory'."],
  ['redis/read-only', "READONLY You can't write against a read only replica."],
  [
    'redis/disk',
    'MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk.',
  ],
  ['redis/loading', 'LOADING Redis is loading the dataset in memory'],
  ['redis/wrong-type', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
  [
    'redis/max-retries',
    'Reached the max retries per request limit (which is 20). Refer to "maxRetriesPerRequest" option for details.',
    '20',
    'MaxRetriesPerRequestError',
  ],
  ['redis/closed', 'Connection is closed.'],
  // MongoDB
  [
    'mongodb/duplicate',
    'E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: "a" }',
    'email_1',
    'MongoServerError',
  ],
  ['mongodb/auth', 'bad auth : authentication failed'],
  ['mongodb/auth', 'Authentication failed.', undefined, 'MongoServerError'],
  ['mongodb/not-authorized', 'not authorized on shop to execute command { find: "users" }', 'shop'],
  ['mongodb/buffering', 'Operation `users.findOne()` buffering timed out after 10000ms', 'users.findOne()'],
  ['mongodb/server-selection', 'Server selection timed out after 30000 ms'],
  ['mongodb/not-connected', 'Client must be connected before running operations'],
  ['mongodb/write-conflict', 'WriteConflict error: this operation conflicted with another operation.'],
  ['mongodb/document-validation', 'Document failed validation', undefined, 'MongoServerError'],
  [
    'mongodb/object-id',
    'input must be a 24 character hex string, 12 byte Uint8Array, or an integer',
    undefined,
    'BSONError',
  ],
  [
    'mongoose/cast',
    'Cast to ObjectId failed for value "abc" (type string) at path "_id" for model "User"',
    '"_id"',
    'CastError',
  ],
  [
    'mongoose/validation',
    'User validation failed: email: Path `email` is required.',
    'Path `email` is required',
    'ValidationError',
  ],
  [
    'mongoose/version',
    'No matching document found for id "65f" version 3 modifiedPaths "items"',
    undefined,
    'VersionError',
  ],
  // AWS
  ['aws/no-credentials', 'Could not load credentials from any providers'],
  ['aws/expired', 'The security token included in the request is expired'],
  [
    'aws/wrong-key',
    'The security token included in the request is invalid.',
    undefined,
    'UnrecognizedClientException',
  ],
  ['aws/clock', 'Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z'],
  [
    'aws/not-authorized',
    'User: arn:aws:sts::1:assumed-role/app is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:1:table/orders because …',
    'dynamodb:PutItem',
    'AccessDeniedException',
  ],
  ['aws/region', 'Region is missing'],
  ['aws/throttled', 'Rate exceeded', undefined, 'ThrottlingException'],
  ['dynamodb/condition', 'The conditional request failed', undefined, 'ConditionalCheckFailedException'],
  [
    'dynamodb/transaction',
    'Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]',
    'ConditionalCheckFailed, None',
  ],
  ['dynamodb/item-size', 'Item size has exceeded the maximum allowed size'],
  ['aws/resource-not-found', 'Requested resource not found', undefined, 'ResourceNotFoundException'],
  ['s3/no-such-key', 'The specified key does not exist.', undefined, 'NoSuchKey'],
  ['s3/redirect', 'The bucket you are attempting to access must be addressed using the specified endpoint.'],
  ['smtp/login', 'Invalid login: 535 5.7.8 Authentication failed'],
  ['openai/key', '401 Incorrect API key provided: ****'],
  ['openai/rate', '429 Rate limit reached for gpt-4o in organization org', 'gpt-4o'],
  ['openai/quota', '429 You exceeded your current quota, please check your plan and billing details.'],
  ['openai/context-length', "This model's maximum context length is 8192 tokens.", '8192'],
  // TLS
  ['tls/self-signed', 'self-signed certificate in certificate chain'],
  ['tls/unverifiable', 'unable to verify the first certificate'],
  ['tls/expired', 'certificate has expired'],
  ['tls/not-yet-valid', 'certificate is not yet valid'],
  [
    'tls/host-mismatch',
    "Hostname/IP does not match certificate's altnames: Host: db.internal. is not in the cert's altnames: DNS:example.com",
    'db.internal',
  ],
  ['tls/wrong-version', 'write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number'],
  ['tls/handshake', 'Client network socket disconnected before secure TLS connection was established'],
  ['tls/openssl-unsupported', 'error:0308010C:digital envelope routines::unsupported'],
  ['tls/key-file', 'error:0909006C:PEM routines:get_name:no start line'],
  // Modules, memory, processes
  [
    'module/native-not-built',
    "The module '/app/x.node' was compiled against a different Node.js version using",
  ],
  [
    'module/file-missing',
    "Cannot find module '/app/src/util' imported from /app/src/index.js",
    '/app/src/util',
  ],
  ['module/file-missing', "Cannot find module './util'\nRequire stack:\n- /app/index.js", './util'],
  [
    'module/package-missing',
    "Cannot find package '@acme/tools' imported from /app/src/index.js",
    '@acme/tools',
  ],
  ['module/package-missing', "Cannot find module 'left-pad'\nRequire stack:\n- /app/index.js", 'left-pad'],
  [
    'module/require-esm',
    'require() of ES Module /app/node_modules/got/index.js from /app/a.js not supported.',
    '/app/node_modules/got/index.js',
  ],
  ['module/import-outside-module', 'Cannot use import statement outside a module', undefined, 'SyntaxError'],
  [
    'module/named-export',
    "The requested module './a.js' does not provide an export named 'save'",
    '"save"',
    'SyntaxError',
  ],
  [
    'module/export-path',
    'Package subpath \'./lib/x\' is not defined by "exports" in /app/node_modules/y/package.json',
    './lib/x',
  ],
  ['module/file-extension', 'Unknown file extension ".ts" for /app/index.ts', '.ts'],
  ['memory/heap', 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
  ['memory/worker', 'Worker terminated due to reaching memory limit: JS heap out of memory'],
  ['memory/map', 'Map maximum size exceeded', 'Map', 'RangeError'],
  ['process/max-buffer', 'stdout maxBuffer length exceeded'],
  [
    'process/command-failed',
    'Command failed: git describe --tags\nfatal: No names found',
    'git describe --tags',
  ],
  ['stream/bad-zip', 'incorrect header check', undefined, 'Z_DATA_ERROR'],
  [
    'node/too-many-listeners',
    'Possible EventEmitter memory leak detected. 11 error listeners added to [Socket]. MaxListeners is 10.',
    '11 error',
  ],
  ['crypto/decrypt', 'Unsupported state or unable to authenticate data'],
  ['lambda/timeout', '2026-01-01T00:00:00Z 1234 Task timed out after 3.00 seconds', '3.00'],
  ['lambda/memory', 'RequestId: 1 Error: Runtime exited with error: signal: killed'],
  // Other services over HTTP
  ['http/status-401-403', 'Request failed with status code 401', '401', 'AxiosError'],
  ['http/status-404', 'Response code 404 (Not Found)', '404', 'HTTPError'],
  ['http/status-429', 'Request failed with status code 429', '429', 'AxiosError'],
  ['http/status-413', 'Request failed with status code 413', undefined, 'AxiosError'],
  ['http/status-4xx', 'Request failed with status code 422', '422', 'AxiosError'],
  [
    'http/status-502-504',
    'Request failed with status code 503 Service Unavailable: GET https://api.example/',
    '503',
    'HTTPError',
  ],
  ['http/status-5xx', 'Request failed with status code 500', '500', 'AxiosError'],
  ['http/redirects', 'Maximum number of redirects exceeded'],
  ['undici/connect-timeout', 'Connect Timeout Error (attempted address: example.com:443, timeout: 10000ms)'],
  ['undici/response-timeout', 'Headers Timeout Error'],
  ['http/status-401-403', 'Unexpected server response: 403', '403'],
  ['timeout/generic', 'Promise timed out after 61 milliseconds', '61 milliseconds', 'TimeoutError'],
  ['timeout/generic', 'network timeout at: http://10.0.0.1/hang', 'http://10.0.0.1/hang', 'FetchError'],
  ['fetch/failed', 'fetch failed', undefined, 'TypeError'],
  ['axios/network-error', 'Network Error', undefined, 'AxiosError'],
  ['server/empty-json-body', "Body cannot be empty when content-type is set to 'application/json'"],
  ['http/body-not-json', "Body is not valid JSON but content-type is set to 'application/json'"],
  ['server/invalid-header', 'Invalid character in header content ["authorization"]', 'authorization'],
  ['server/payload-too-large', 'request entity too large', undefined, 'PayloadTooLargeError'],
  ['server/media-type', 'Unsupported Media Type: text/csv', 'text/csv'],
  ['server/request-aborted', 'request aborted', undefined, 'BadRequestError'],
  ['server/http-parse', 'Parse Error: Expected HTTP/'],
  ['express/view-not-found', 'Failed to lookup view "home" in views directory "/app/views"', 'home'],
  ['express/route-pattern', 'Missing parameter name at 2: https://git.new/pathToRegexpError'],
  ['fastify/duplicate-route', "Method 'GET' already declared for route '/orders'", '/orders'],
  ['grpc/unavailable', '14 UNAVAILABLE: name resolution failed', 'name resolution failed'],
  ['grpc/deadline', '4 DEADLINE_EXCEEDED: Deadline exceeded after 1.0s'],
  ['grpc/unauthenticated', '16 UNAUTHENTICATED: token expired', 'token expired'],
  ['grpc/exhausted', '8 RESOURCE_EXHAUSTED: Received message larger than max', 'larger than max'],
  ['grpc/unimplemented', '12 UNIMPLEMENTED: unknown service shop.Orders', 'shop.Orders'],
  // The system
  ['node/econnrefused-postgresql', 'connect ECONNREFUSED 127.0.0.1:5432', 'PostgreSQL'],
  ['node/econnrefused-redis', 'connect ECONNREFUSED ::1:6379', '::1:6379'],
  ['node/econnrefused', 'connect ECONNREFUSED /var/run/app.sock', '/var/run/app.sock'],
  ['node/enotfound', 'getaddrinfo ENOTFOUND api.exmaple.com', 'api.exmaple.com'],
  ['node/eai-again', 'getaddrinfo EAI_AGAIN postgres', 'postgres'],
  ['node/eaddrinuse', 'listen EADDRINUSE: address already in use :::3000', '3000'],
  ['node/eaddrnotavail', 'listen EADDRNOTAVAIL: address not available 10.9.9.9:3000', '10.9.9.9'],
  ['node/econnaborted-timeout', 'timeout of 1000ms exceeded', '1000ms', 'AxiosError'],
  ['node/etimedout', 'connect ETIMEDOUT 10.0.0.9:443', '10.0.0.9:443'],
  ['node/ehostunreach', 'connect EHOSTUNREACH 10.0.0.9:443', '10.0.0.9'],
  ['node/socket-hang-up', 'socket hang up'],
  ['node/econnreset', 'read ECONNRESET', 'read'],
  ['node/epipe', 'write EPIPE'],
  ['node/emfile', "EMFILE: too many open files, open '/app/a.txt'"],
  ['node/enospc-watchers', "ENOSPC: System limit for number of file watchers reached, watch '/app'"],
  ['node/enospc', "ENOSPC: no space left on device, write '/data/a.log'", '/data/a.log'],
  ['node/enospc', 'ENOSPC: no space left on device, write'],
  ['node/enoent-mkdir', "ENOENT: no such file or directory, mkdir '/archive/2024/a'", '/archive/2024/a'],
  ['node/erofs', "EROFS: read-only file system, open '/var/task/a.txt'", '/var/task/a.txt'],
  ['node/eacces-port', 'listen EACCES: permission denied 0.0.0.0:80', '80'],
  ['node/eacces', "EACCES: permission denied, open '/etc/shadow'", '/etc/shadow'],
  ['node/eacces', "EPERM: operation not permitted, unlink '/data/a'", '/data/a'],
  // Tokens and validation
  ['jwt/expired', 'jwt expired', undefined, 'TokenExpiredError'],
  ['jwt/not-active', 'jwt not active', undefined, 'NotBeforeError'],
  ['jwt/signature', 'invalid signature', undefined, 'JsonWebTokenError'],
  ['jwt/claims', 'jwt audience invalid. expected: shop', 'shop', 'JsonWebTokenError'],
  ['jwt/malformed', 'jwt malformed', undefined, 'JsonWebTokenError'],
  ['jwt/no-secret', 'secretOrPrivateKey must have a value'],
  ['csrf/token', 'invalid csrf token', undefined, 'ForbiddenError'],
  [
    'validation/fastify',
    "body must have required property 'name'",
    "body must have required property 'name'",
    'FST_ERR_VALIDATION',
  ],
  ['validation/joi', '"email" must be a valid email', 'must be a valid email', 'ValidationError'],
  ['validation/yup', 'email is a required field', '"email"', 'ValidationError'],
  ['validation/ajv-schema', 'strict mode: unknown keyword: "colour"', 'colour'],
  ['validation/ajv', 'data/items must be array', 'must be array', 'ValidationError'],
  ['validation/class-validator', 'An instance of CreateUserDto has failed the validation:', 'CreateUserDto'],
  [
    'validation/sequelize',
    'notNull Violation: User.email cannot be null',
    'User.email',
    'SequelizeValidationError',
  ],
  ['config/missing-variable', 'Missing required environment variable: STRIPE_KEY', 'STRIPE_KEY'],
  // V8
  ['js/intl', 'Invalid currency code : E6', 'E6', 'RangeError'],
  ['js/intl', 'Incorrect locale information provided', 'locale', 'RangeError'],
  ['js/read-property-of-nullish', "Cannot read property 'name' of undefined", '"name"', 'TypeError'],
  [
    'js/private-member',
    'Cannot read private member #db from an object whose class did not declare it',
    '#db',
    'TypeError',
  ],
  ['js/iterator-protocol', 'result is not an async iterator', 'result', 'TypeError'],
  ['json/html-instead-of-json', 'Unexpected token < in JSON at position 0', undefined, 'SyntaxError'],
  [
    'json/html-instead-of-json',
    'invalid json response body at http://api/ reason: Unexpected token < in JSON at position 0',
  ],
];

/** Where a sample's class is really a code. */
const CODES = /^(?:FST_|Z_)/;

describe('known errors', () => {
  it.each(samples.map(([id, message, tells, name]) => ({ id, message, tells, name })))(
    '$id: $message',
    (sample) => {
      const { id, message, tells, name } = sample;
      const classOrCode: Partial<ErrorLog> =
        name === undefined ? {} : CODES.test(name) ? { code: name } : { name };
      const known = diagnose({ message, ...classOrCode });
      expect(known?.id).toBe(id);
      const text = `${known?.rootCause} ${known?.suggestedFix} ${known?.nextSteps.join(' ')}`;
      if (tells !== undefined) expect(text).toContain(tells);
      expect(text).not.toContain('(unknown)');
    },
  );

  it('are recognised by class and code alone, where that is enough, and none hides another', () => {
    const hidden = knownErrors.flatMap((rule) =>
      conditionsOf(rule)
        .filter((condition) => condition.message === undefined && condition.stack === undefined)
        .flatMap(({ name, code }) => {
          const names = typeof name === 'string' ? [name] : (name ?? [undefined]);
          const codes = typeof code === 'string' ? [code] : (code ?? [undefined]);
          return names.flatMap((oneName) => codes.map((oneCode) => ({ oneName, oneCode })));
        })
        .map(({ oneName, oneCode }) => ({
          rule: rule.id,
          got: diagnose({
            message: 'x',
            ...(oneName !== undefined && { name: oneName }),
            ...(oneCode !== undefined && { code: oneCode }),
          }),
        }))
        .filter(
          ({ got }) => got?.id !== rule.id || `${got.rootCause} ${got.suggestedFix}`.includes('(unknown)'),
        ),
    );
    expect(hidden.map(({ rule, got }) => `${rule} is answered by ${got?.id}`)).toEqual([]);
  });

  it('are plain data: what a JSON file holds is accepted as it is', () => {
    expect(parseRules(JSON.parse(JSON.stringify(knownErrors)))).toEqual(knownErrors);
  });

  it('are honest: nothing is quite certain, least of all what the code decides', () => {
    for (const rule of knownErrors) {
      expect(rule.confidence, rule.id).toBeGreaterThanOrEqual(30);
      expect(rule.confidence, rule.id).toBeLessThanOrEqual(rule.needsCode ? 92 : 95);
    }
  });

  it('are read in linear time, whatever the text: 16 KB of each expression’s own beginnings', () => {
    const patterns = knownErrors.flatMap((rule) =>
      conditionsOf(rule).flatMap(({ message, stack }) =>
        [message, stack].filter((source) => source !== undefined),
      ),
    );
    for (const source of patterns) {
      const pattern = compilePattern(source);
      const literal = source.replace(/\(\?<\w+>|\(\?:|\[[^\]]*\]|\{[^}]*\}|\\[a-zA-Z]|[\\^$()|?]/g, '');
      for (const unit of [
        literal,
        literal.slice(0, 12),
        literal.slice(0, 3),
        "'",
        '"a',
        ' ',
        '1',
        'aA1:',
        '\n',
      ]) {
        pattern.test((unit === '' ? 'a' : unit).repeat(Math.ceil(16_384 / Math.max(1, unit.length))));
      }
    }
  });

  it('never fail on a text, and never answer in more than one line', () => {
    const word = fc.constantFrom(
      ...samples.map(([, message]) => message),
      '\n',
      "'",
      '"',
      '\u0000',
      '\ud800',
      ' at x (y:1:1)',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 8 }), fc.string(), (parts, name) => {
        const known = diagnose({ message: parts.join(' '), name, stackTrace: parts.join('\n') });
        expect(`${known?.rootCause}${known?.suggestedFix}${known?.reason}`).not.toMatch(/[\n\r]/);
      }),
      { numRuns: 300 },
    );
  });
});
