import type { RuleDefinition } from '../rule-definition.ts';

const redis: readonly RuleDefinition[] = [
  {
    id: 'redis/no-auth',
    match: { message: 'NOAUTH Authentication required|NOAUTH HELLO' },
    category: 'authentication',
    rootCause: 'Redis wants a password, and the client sent none.',
    suggestedFix:
      'Put it into the URL (redis://:password@host) or the option password; check that the variable is set here.',
    confidence: 93,
  },
  {
    id: 'redis/wrong-password',
    match: {
      message:
        'WRONGPASS|ERR invalid password|invalid username-password pair|called without any password configured',
    },
    category: 'authentication',
    rootCause: 'Redis refused the password (or one was sent to a server that has none).',
    suggestedFix:
      'Compare the user and password of this environment with the server’s; was the secret rotated?',
    confidence: 92,
  },
  {
    id: 'redis/no-permission',
    match: { message: 'NOPERM' },
    category: 'authentication',
    rootCause: 'The Redis user may not run this command or touch this key.',
    suggestedFix: 'Extend its ACL (ACL SETUSER), or use another key prefix.',
    confidence: 90,
  },
  {
    id: 'redis/moved',
    match: { message: '\\b(?:MOVED|ASK) (?<slot>\\d{1,5}) (?<node>\\S{1,200})' },
    category: 'configuration',
    rootCause:
      'The server is a Redis cluster (the key lies on {node}), but the client was made for a single server.',
    suggestedFix: 'Use the cluster client (new Redis.Cluster([...]), createCluster).',
    confidence: 92,
  },
  {
    id: 'redis/cross-slot',
    match: { message: "CROSSSLOT Keys in request don't hash to the same slot" },
    category: 'bug',
    rootCause: 'One command or transaction touches keys on different nodes of the cluster.',
    suggestedFix: 'Give keys that belong together a common hash tag: {user:1}:name, {user:1}:mail.',
    confidence: 90,
  },
  {
    id: 'redis/out-of-memory',
    match: { message: 'OOM command not allowed when used memory' },
    category: 'resource',
    rootCause: 'Redis has reached maxmemory and may not evict anything, so it refuses writes.',
    suggestedFix: 'Give keys an expiry, set maxmemory-policy (allkeys-lru for a cache), or enlarge it.',
    confidence: 92,
    nextSteps: ['redis-cli --bigkeys and INFO memory show what fills it.'],
  },
  {
    id: 'redis/read-only',
    match: { message: "READONLY You can't write against a read only" },
    category: 'configuration',
    rootCause:
      'The client writes to a replica: it uses the reader’s address, or a failover has just swapped the roles.',
    suggestedFix:
      'Use the primary’s address; let the client reconnect on READONLY (ioredis: reconnectOnError).',
    confidence: 92,
  },
  {
    id: 'redis/disk',
    match: { message: 'MISCONF Redis is configured to save RDB snapshots' },
    category: 'resource',
    rootCause: 'Redis cannot write its snapshot to disk and therefore refuses writes.',
    suggestedFix:
      'Free disk space or correct the directory’s permissions on the Redis server; its log says which.',
    confidence: 92,
  },
  {
    id: 'redis/loading',
    match: { message: 'LOADING Redis is loading the dataset in memory' },
    category: 'database',
    rootCause: 'Redis has just started and is still loading its data.',
    suggestedFix: 'Wait and retry; let readiness checks include a PING.',
    confidence: 93,
  },
  {
    id: 'redis/unknown-command',
    match: { message: "ERR [Uu]nknown (?:Redis )?command(?: '(?<command>[^']{1,60}))?" },
    category: 'dependency',
    rootCause:
      'The Redis server does not know the command {command|that was sent}: it is older than the client expects, lacks a module, or has it disabled.',
    suggestedFix:
      'Compare the server’s version (INFO server) with the command’s documentation; managed services forbid some commands.',
    confidence: 82,
  },
  {
    id: 'redis/wrong-type',
    match: { message: 'WRONGTYPE Operation against a key' },
    category: 'bug',
    rootCause:
      'The key holds another type (string, list, hash, …) than the command works on: two uses share one name.',
    suggestedFix: 'Look with TYPE <key>, and give the uses different prefixes.',
    confidence: 82,
    needsCode: true,
  },
  {
    id: 'redis/max-retries',
    match: { message: 'Reached the max retries per request limit(?: \\(which is (?<retries>\\d{1,6})\\))?' },
    category: 'database',
    rootCause: 'ioredis could not reach Redis in {retries|all its} attempts and gave the command up.',
    suggestedFix:
      'The connection errors logged before say why (refused, wrong host, TLS). Check host, port, TLS (rediss://) and whether Redis runs.',
    confidence: 84,
  },
  {
    id: 'redis/closed',
    match: [
      { name: ['ClientClosedError', 'SocketClosedUnexpectedlyError', 'DisconnectsClientError'] },
      {
        message:
          "Connection is closed\\.|The client is closed|Stream isn't writeable and enableOfflineQueue options is false|Socket closed unexpectedly",
      },
    ],
    category: 'database',
    rootCause:
      'A command was sent on a Redis client that is not connected (never connected, quit already, or cut off).',
    suggestedFix:
      'await client.connect() at start (node-redis), quit only after the last command, and add an "error" listener so that it reconnects.',
    confidence: 76,
    needsCode: true,
  },
];

const mongodb: readonly RuleDefinition[] = [
  {
    id: 'mongodb/duplicate',
    match: [
      {
        message:
          'E11000 duplicate key error collection: (?<collection>\\S{1,150}) index: (?<index>\\S{1,100})',
      },
      { message: 'E11000 duplicate key' },
    ],
    category: 'data',
    rootCause:
      'A document with the same value is there already: unique index {index|of the collection} of {collection|the collection}.',
    suggestedFix:
      'Answer with a conflict (409), or use an upsert. A missing field counts as null: for optional ones make the index sparse or partial.',
    confidence: 82,
  },
  {
    id: 'mongodb/auth',
    match: [
      { name: ['MongoServerError', 'MongoError'], message: 'Authentication failed|bad auth' },
      { message: 'bad auth ?: [Aa]uthentication failed|SCRAM authentication failed' },
    ],
    category: 'authentication',
    rootCause: 'MongoDB refused the user or password.',
    suggestedFix:
      'Check both in this environment’s URI (special characters URL-encoded) and authSource, usually admin.',
    confidence: 90,
  },
  {
    id: 'mongodb/not-authorized',
    match: { message: 'not authorized on (?<database>\\S{1,64}) to execute command' },
    category: 'authentication',
    rootCause: 'The MongoDB user lacks the right for this operation on database {database}.',
    suggestedFix: 'Grant it a role there (readWrite).',
    confidence: 90,
  },
  {
    id: 'mongodb/buffering',
    match: { message: 'Operation `(?<operation>[^`]{1,120})` buffering timed out after' },
    category: 'database',
    rootCause:
      'Mongoose had no connection when {operation} was called: connect() was not called, failed, or belongs to another copy of mongoose.',
    suggestedFix:
      'await mongoose.connect(…) before serving, and let it fail loudly; npm ls mongoose must show one version.',
    confidence: 85,
  },
  {
    id: 'mongodb/server-selection',
    match: [
      { name: ['MongoServerSelectionError', 'MongooseServerSelectionError'] },
      {
        message:
          'Server selection timed out after|Could not connect to any servers in your MongoDB Atlas cluster',
      },
    ],
    category: 'database',
    rootCause: 'No MongoDB server of the URI could be reached (or none has the role that is needed).',
    suggestedFix:
      'Check that it runs, host and port from this machine, and for Atlas the IP access list; for a replica set its name and advertised hosts.',
    confidence: 86,
  },
  {
    id: 'mongodb/network',
    match: {
      name: ['MongoNetworkError', 'MongoNetworkTimeoutError', 'PoolClearedError', 'MongoPoolClearedError'],
    },
    category: 'database',
    rootCause: 'The connection to MongoDB failed or was lost.',
    suggestedFix:
      'Check network and server; keep retryWrites and retryReads on, and reuse one client per process.',
    confidence: 78,
  },
  {
    id: 'mongodb/not-connected',
    match: [
      { name: ['MongoNotConnectedError', 'MongoTopologyClosedError', 'MongoClientClosedError'] },
      { message: 'Client must be connected before running operations|Topology is closed' },
    ],
    category: 'bug',
    rootCause: 'MongoDB was used before connect() or after close().',
    suggestedFix: 'Connect once at start and close once at the end, after the last operation.',
    confidence: 80,
    needsCode: true,
  },
  {
    id: 'mongodb/write-conflict',
    match: { message: 'WriteConflict|Write conflict during plan execution' },
    category: 'database',
    rootCause: 'Two transactions changed the same document.',
    suggestedFix: 'Retry the transaction: session.withTransaction does it.',
    confidence: 86,
  },
  {
    id: 'mongodb/document-validation',
    match: { message: 'Document failed validation' },
    category: 'validation',
    rootCause: 'The document breaks the collection’s schema.',
    suggestedFix: 'error.errInfo.details names the fields; validate them before the write.',
    confidence: 76,
    needsCode: true,
  },
  {
    id: 'mongodb/object-id',
    match: {
      message:
        'input must be a 24 character hex string|Argument passed in must be a (?:single )?String of 12 bytes',
    },
    category: 'validation',
    rootCause: 'A text that is no ObjectId was used as one, usually an id from a URL.',
    suggestedFix: 'Check it with ObjectId.isValid first and answer 404 or 400.',
    confidence: 86,
    needsCode: true,
  },
  {
    id: 'mongoose/cast',
    match: [
      {
        message: 'Cast to (?<type>[\\w[\\]]{1,40}) failed for value [^]{0,200} at path "(?<path>[^"]{1,100})',
      },
      { name: 'CastError' },
    ],
    category: 'validation',
    rootCause: 'A value for "{path|a field}" cannot be turned into {type|its type}.',
    suggestedFix: 'Validate input before the query (mongoose.isValidObjectId for ids) and answer 400 or 404.',
    confidence: 82,
    needsCode: true,
  },
  {
    id: 'mongoose/validation',
    match: { message: '(?<model>\\w{1,80}) validation failed: (?<problem>[^]{1,200})' },
    category: 'validation',
    rootCause: 'A {model} is not valid: {problem}.',
    suggestedFix:
      'Answer 400 with the fields of error.errors when it is a user’s input; else set the field before saving.',
    confidence: 76,
    needsCode: true,
  },
  {
    id: 'mongoose/version',
    match: [{ name: 'VersionError', message: 'No matching document found for id' }],
    category: 'database',
    rootCause: 'The document was changed by someone else between reading and saving it.',
    suggestedFix: 'Read it again and repeat the change, or use an atomic update ($set, $push).',
    confidence: 86,
  },
];

const aws: readonly RuleDefinition[] = [
  {
    id: 'aws/no-credentials',
    match: [
      { message: 'Could not load credentials from any providers|Missing credentials in config' },
      { name: 'CredentialsProviderError' },
    ],
    category: 'configuration',
    rootCause: 'The AWS SDK found no credentials in this environment.',
    suggestedFix: 'Give the task, function or instance a role; locally set AWS_PROFILE or run aws sso login.',
    confidence: 92,
  },
  {
    id: 'aws/expired',
    match: [
      { name: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'] },
      { message: 'The security token included in the request is expired|The provided token has expired' },
    ],
    category: 'authentication',
    rootCause: 'The AWS credentials have expired.',
    suggestedFix:
      'Renew them (aws sso login); in a service use a role, and never copy temporary credentials into variables.',
    confidence: 93,
  },
  {
    id: 'aws/wrong-key',
    match: [
      {
        name: [
          'UnrecognizedClientException',
          'InvalidClientTokenId',
          'InvalidAccessKeyId',
          'SignatureDoesNotMatch',
          'InvalidSignatureException',
          'AuthFailure',
        ],
      },
      {
        message:
          'The security token included in the request is invalid|The AWS Access Key Id you provided does not exist',
      },
    ],
    category: 'authentication',
    rootCause:
      'AWS does not accept the key or its signature ({name}): wrong or deleted key, a secret that does not belong to it, a missing session token, or another region’s endpoint.',
    suggestedFix:
      'Check with aws sts get-caller-identity in the same environment; temporary keys need AWS_SESSION_TOKEN too.',
    confidence: 90,
  },
  {
    id: 'aws/clock',
    match: [
      { name: ['RequestTimeTooSkewed'] },
      {
        message: 'Signature expired: |difference between the request time and the current time is too large',
      },
    ],
    category: 'configuration',
    rootCause: 'This machine’s clock is too far from AWS’s.',
    suggestedFix: 'Set the clock (NTP).',
    confidence: 93,
  },
  {
    id: 'aws/not-authorized',
    match: [
      {
        message:
          'is not authorized to perform: (?<action>[\\w:*-]{1,100})(?: on resource: (?<resource>\\S{1,250}))?',
      },
      {
        name: [
          'AccessDenied',
          'AccessDeniedException',
          'UnauthorizedOperation',
          'AuthorizationError',
          'NotAuthorized',
        ],
      },
    ],
    category: 'authentication',
    rootCause: 'The role may not do {action|this} on {resource|the resource}.',
    suggestedFix:
      'Allow exactly that action on that resource in the role’s policy; a policy of the bucket, key (KMS) or queue, or an organisation’s, can deny it as well.',
    confidence: 90,
  },
  {
    id: 'aws/region',
    match: { message: 'Region is missing|Missing region in config' },
    category: 'configuration',
    rootCause: 'The AWS SDK does not know which region to talk to.',
    suggestedFix: 'Set AWS_REGION, or the client’s option region.',
    confidence: 95,
  },
  {
    id: 'aws/throttled',
    match: [
      {
        name: [
          'ProvisionedThroughputExceededException',
          'ThrottlingException',
          'Throttling',
          'TooManyRequestsException',
          'RequestLimitExceeded',
          'SlowDown',
          'RequestThrottled',
          'ThrottledException',
        ],
      },
      { message: 'The level of configured provisioned throughput for the table was exceeded|Rate exceeded' },
    ],
    category: 'resource',
    rootCause: 'AWS limits the rate of these calls, and this caller is above it ({name}).',
    suggestedFix:
      'Retry with backoff (retryMode adaptive), spread hot keys, and raise the capacity or quota if the load is meant.',
    confidence: 90,
  },
  {
    id: 'dynamodb/condition',
    match: [{ name: 'ConditionalCheckFailedException' }, { message: 'The conditional request failed' }],
    category: 'data',
    rootCause:
      'The condition of a DynamoDB write did not hold: the item exists already, is missing, or was changed in the meantime.',
    suggestedFix:
      'Catch it as the expected answer "someone was first": read again and decide, or answer 409.',
    confidence: 80,
    needsCode: true,
  },
  {
    id: 'dynamodb/transaction',
    match: [
      {
        message:
          'Transaction cancelled, please refer cancellation reasons for specific reasons \\[(?<reasons>[^\\]]{1,200})',
      },
      { name: 'TransactionCanceledException' },
    ],
    category: 'database',
    rootCause: 'DynamoDB cancelled the transaction: {reasons|see CancellationReasons}.',
    suggestedFix:
      'CancellationReasons has one entry per item: a failed condition is an answer, a TransactionConflict is to be retried.',
    confidence: 76,
    needsCode: true,
  },
  {
    id: 'dynamodb/validation',
    match: { name: 'ValidationException' },
    category: 'bug',
    rootCause:
      'DynamoDB does not accept the request: key attributes, types or an expression do not fit the table.',
    suggestedFix:
      'Compare the keys and their types with the table’s schema; undefined values need removeUndefinedValues, empty keys are not allowed.',
    confidence: 58,
    needsCode: true,
  },
  {
    id: 'dynamodb/item-size',
    match: { message: 'Item size has exceeded the maximum allowed size|Item size to update has exceeded' },
    category: 'data',
    rootCause: 'A DynamoDB item is larger than 400 KB.',
    suggestedFix: 'Store large parts in S3, or split the item.',
    confidence: 93,
  },
  {
    id: 'aws/resource-not-found',
    match: [
      {
        name: [
          'ResourceNotFoundException',
          'QueueDoesNotExist',
          'AWS.SimpleQueueService.NonExistentQueue',
          'NotFoundException',
          'ParameterNotFound',
          'NoSuchBucket',
          'StateMachineDoesNotExist',
        ],
      },
      { message: 'Requested resource not found|The specified (?:queue|bucket) does not exist' },
    ],
    category: 'configuration',
    rootCause:
      'The AWS resource (table, queue, bucket, secret, …) does not exist in this account and region ({name}).',
    suggestedFix: 'Compare name, region and account with what is deployed; locally, check AWS_ENDPOINT_URL.',
    confidence: 88,
  },
  {
    id: 's3/no-such-key',
    match: [{ name: ['NoSuchKey'] }, { message: 'The specified key does not exist' }],
    category: 'data',
    rootCause: 'The S3 object does not exist under that key.',
    suggestedFix:
      'Handle it as "not found"; if it should be there, log bucket and key (a leading slash and URL encoding make other keys).',
    confidence: 80,
    needsCode: true,
  },
  {
    id: 's3/redirect',
    match: [
      { name: ['PermanentRedirect', 'AuthorizationHeaderMalformed'] },
      { message: 'must be addressed using the specified endpoint' },
    ],
    category: 'configuration',
    rootCause: 'The bucket lies in another region than the client talks to.',
    suggestedFix: 'Make the client with the bucket’s region (or followRegionRedirects).',
    confidence: 92,
  },
];

const messaging: readonly RuleDefinition[] = [
  {
    id: 'kafka/connection',
    match: { name: ['KafkaJSConnectionError', 'KafkaJSNumberOfRetriesExceeded', 'KafkaJSBrokerNotFound'] },
    category: 'network',
    rootCause: 'No Kafka broker could be reached, or the address that it advertises cannot be.',
    suggestedFix:
      'Check the broker list, TLS and SASL settings, and advertised.listeners: clients connect to what the broker advertises.',
    confidence: 80,
  },
  {
    id: 'smtp/login',
    match: [{ code: 'EAUTH' }, { message: 'Invalid login: (?<status>5\\d\\d)' }],
    category: 'authentication',
    rootCause: 'The mail server refused the login.',
    suggestedFix: 'Check user and password (many providers want an app password or OAuth).',
    confidence: 90,
  },
  {
    id: 'openai/key',
    match: { message: 'Incorrect API key provided|invalid_api_key|invalid x-api-key' },
    category: 'authentication',
    rootCause: 'The model provider refused the API key: it is wrong, revoked, or of another provider.',
    suggestedFix:
      'Check the key that is set in this environment, and that it belongs to the base URL in use.',
    confidence: 92,
  },
  {
    id: 'openai/rate',
    match: { message: 'Rate limit reached for (?<model>\\S{1,80})' },
    category: 'resource',
    rootCause:
      'The model provider limits requests or tokens per minute for {model}, and this account is above it.',
    suggestedFix: 'Retry with backoff as its headers say, limit parallel calls, or have the limit raised.',
    confidence: 92,
  },
  {
    id: 'openai/quota',
    match: { message: 'You exceeded your current quota|insufficient_quota' },
    category: 'resource',
    rootCause: 'The account of the model provider has no credit left.',
    suggestedFix: 'Add credit or raise the limit in the provider’s billing settings.',
    confidence: 94,
  },
  {
    id: 'openai/context-length',
    match: { message: 'maximum context length is (?<limit>\\d{1,9}) tokens' },
    category: 'validation',
    rootCause: 'The prompt is longer than the model takes ({limit} tokens).',
    suggestedFix: 'Shorten or split the input, or use a model with a longer context.',
    confidence: 92,
    needsCode: true,
  },
];

export const storeErrors: readonly RuleDefinition[] = [...redis, ...mongodb, ...aws, ...messaging];
