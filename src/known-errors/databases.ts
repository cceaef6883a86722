import type { RuleDefinition } from '../rule-definition.ts';

/** PostgreSQL: SQLSTATE codes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
const postgres: readonly RuleDefinition[] = [
  {
    id: 'postgres/unique',
    match: [
      { message: 'duplicate key value violates unique constraint "(?<constraint>[^"]{1,63})"' },
      { code: '23505' },
    ],
    category: 'data',
    rootCause:
      'A row with the same key is there already: it violates the unique constraint "{constraint|of the table}".',
    suggestedFix:
      'Answer with a conflict (409), or use INSERT … ON CONFLICT. A look-up before the insert does not help: two requests can pass it at once.',
    confidence: 80,
    nextSteps: [
      'The error’s "detail" names the columns and the value.',
      'If the constraint is the primary key, the sequence may be behind: setval it to max(id).',
    ],
  },
  {
    id: 'postgres/foreign-key',
    match: [
      {
        message:
          'on table "(?<table>[^"]{1,63})" violates foreign key constraint "(?<constraint>[^"]{1,63})"',
      },
      { code: '23503' },
    ],
    category: 'data',
    rootCause:
      'The foreign key "{constraint|of the table}" does not hold: the row refers to one that does not exist, or the one to be deleted is still referred to.',
    suggestedFix:
      'Insert the parent first (in the same transaction), or decide what happens to the children (ON DELETE).',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'postgres/not-null',
    match: [
      {
        message:
          'null value in column "(?<column>[^"]{1,63})"(?: of relation "(?<table>[^"]{1,63})")? violates not-null constraint',
      },
      { code: '23502' },
    ],
    category: 'data',
    rootCause: 'The column "{column|of the table}" needs a value, but got none.',
    suggestedFix:
      'Set the value (a misspelt or missing field is usual), validate it before the query, or give the column a default.',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'postgres/check',
    match: [{ message: 'violates check constraint "(?<constraint>[^"]{1,63})"' }, { code: '23514' }],
    category: 'data',
    rootCause: 'The row breaks the check constraint "{constraint|of the table}".',
    suggestedFix: 'Validate the value by the same condition before it reaches the database.',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'postgres/password',
    match: [
      { message: 'password authentication failed for user "(?<user>[^"]{1,63})"' },
      { code: ['28P01', '28000'] },
    ],
    category: 'authentication',
    rootCause: 'PostgreSQL refused the user "{user|that was given}": wrong password, or no such user.',
    suggestedFix:
      'Check user and password of the connection string in this environment (special characters need URL encoding), and whether the secret was rotated.',
    confidence: 90,
  },
  {
    id: 'postgres/pg-hba',
    match: { message: 'no pg_hba\\.conf entry for host "(?<host>[^"]{1,100})", user "(?<user>[^"]{1,63})"' },
    category: 'configuration',
    rootCause:
      'PostgreSQL allows no connection of user "{user}" from {host} in this form (often: without TLS).',
    suggestedFix: 'Connect with TLS (sslmode=require, ssl: true), or add a line to pg_hba.conf.',
    confidence: 90,
  },
  {
    id: 'postgres/password-type',
    match: { message: 'client password must be a string' },
    category: 'configuration',
    rootCause:
      'The PostgreSQL client got no password: the variable that should hold it is not set in this environment.',
    suggestedFix: 'Set it (PGPASSWORD, DATABASE_URL), and fail at start-up when it is missing.',
    confidence: 90,
  },
  {
    id: 'postgres/no-ssl',
    match: { message: 'The server does not support SSL connections' },
    category: 'configuration',
    rootCause: 'The client asks for TLS, but this PostgreSQL server has none.',
    suggestedFix: 'Switch it off for this environment (sslmode=disable, ssl: false), or on at the server.',
    confidence: 93,
  },
  {
    id: 'postgres/no-database',
    match: [{ message: 'database "(?<database>[^"]{1,63})" does not exist' }, { code: '3D000' }],
    category: 'configuration',
    rootCause: 'The server has no database "{database|of that name}".',
    suggestedFix: 'Create it (createdb {database|<name>}), or correct the name in the connection string.',
    confidence: 93,
  },
  {
    id: 'postgres/no-column',
    match: [
      {
        message: 'column "?(?<column>[\\w.]{1,130})"?(?: of relation "(?<table>[^"]{1,63})")? does not exist',
      },
      { code: '42703' },
    ],
    category: 'database',
    rootCause:
      'The column "{column|of that name}" does not exist: a migration is missing, or the name is misspelt.',
    suggestedFix:
      'Run the migrations, or correct the name; a text value needs single quotes (double quotes name a column).',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'postgres/no-table',
    match: [{ message: 'relation "(?<table>[^"]{1,130})" does not exist' }, { code: '42P01' }],
    category: 'database',
    rootCause:
      'The database has no table or view "{table|of that name}": migrations did not run here, or it lies in another schema.',
    suggestedFix:
      'Run the migrations against this database; check search_path, and quote names with capital letters.',
    confidence: 82,
  },
  {
    id: 'postgres/syntax',
    match: [{ message: 'syntax error at or near "(?<token>[^"]{1,60})"' }, { code: '42601' }],
    category: 'bug',
    rootCause: 'The SQL text is wrong near "{token|an unknown place}".',
    suggestedFix:
      'Log the query as it is sent. An empty list (IN ()), a trailing comma, or text pasted in where $1 belongs are the usual faults.',
    confidence: 60,
    needsCode: true,
  },
  {
    id: 'postgres/input-syntax',
    match: [
      { message: 'invalid input syntax for (?:type )?(?<type>[\\w ]{1,40}): "(?<value>[^"]{0,80})' },
      { code: '22P02' },
    ],
    category: 'validation',
    rootCause: 'A value was given that is no {type|value of the column’s type}.',
    suggestedFix: 'Validate ids and numbers from requests before they reach the query, and answer 400.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'postgres/too-long',
    match: [{ message: 'value too long for type (?<type>[\\w ]{1,30}\\(\\d{1,10}\\))' }, { code: '22001' }],
    category: 'data',
    rootCause: 'A text is longer than its column ({type|varchar}) allows.',
    suggestedFix: 'Validate its length before, or change the column to text.',
    confidence: 84,
    needsCode: true,
  },
  {
    id: 'postgres/out-of-range',
    match: [
      {
        message:
          'numeric field overflow|value "[^"]{1,60}" is out of range for type \\w{1,20}|(?:integer|bigint|smallint) out of range',
      },
      { code: '22003' },
    ],
    category: 'data',
    rootCause: 'A number is larger than its column allows.',
    suggestedFix:
      'Validate its range before the query, or give the column a wider type (bigint, numeric with more digits).',
    confidence: 82,
    needsCode: true,
  },
  {
    id: 'postgres/permission',
    match: [
      {
        message:
          'permission denied for (?<kind>table|relation|schema|database|sequence|function) (?<object>[\\w.]{1,130})',
      },
      { code: '42501' },
    ],
    category: 'authentication',
    rootCause: 'The database user has no right on {kind|the object} {object|of the query}.',
    suggestedFix: 'GRANT what it needs; for tables made later, ALTER DEFAULT PRIVILEGES.',
    confidence: 90,
  },
  {
    id: 'postgres/too-many-connections',
    match: [
      {
        message:
          'too many clients already|remaining connection slots are reserved|too many connections for role',
      },
      { code: '53300' },
    ],
    category: 'resource',
    rootCause: 'All connections of the PostgreSQL server are taken.',
    suggestedFix:
      'Use one pool per process with a small max, release clients in finally, and put a pooler (PgBouncer, RDS Proxy) in front of many processes.',
    confidence: 90,
    nextSteps: [
      'select application_name, state, count(*) from pg_stat_activity group by 1, 2 shows who holds them.',
    ],
  },
  {
    id: 'postgres/shutdown',
    match: [
      {
        message:
          'terminating connection due to administrator command|the database system is (?:starting up|shutting down|in recovery mode)',
      },
      { code: ['57P01', '57P02', '57P03'] },
    ],
    category: 'database',
    rootCause: 'The PostgreSQL server is restarting, failing over, or an administrator ended the connection.',
    suggestedFix:
      'Handle the pool’s "error" event and retry after a moment; new connections work again when the server is up.',
    confidence: 90,
  },
  {
    id: 'postgres/connection-lost',
    match: [
      {
        message:
          'Connection terminated unexpectedly|Client has encountered a connection error and is not queryable|server closed the connection unexpectedly',
      },
      { code: ['08006', '08003', '08001'] },
    ],
    category: 'database',
    rootCause:
      'The connection to PostgreSQL was lost: server restart, failover, an idle timeout of a proxy, or the network.',
    suggestedFix:
      'Use a pool (it opens new connections), handle its "error" event, and set idleTimeoutMillis below the proxy’s timeout.',
    confidence: 74,
  },
  {
    id: 'postgres/deadlock',
    match: [{ code: '40P01' }, { message: '^deadlock detected$' }],
    category: 'database',
    rootCause: 'Two transactions waited for each other’s locks; PostgreSQL ended this one.',
    suggestedFix:
      'Retry the whole transaction, and let all transactions lock rows in the same order (ORDER BY id FOR UPDATE).',
    confidence: 88,
    needsCode: true,
  },
  {
    id: 'postgres/serialization',
    match: [{ code: '40001' }, { message: 'could not serialize access due to' }],
    category: 'database',
    rootCause:
      'A transaction collided with another one running at the same time, as its isolation level demands.',
    suggestedFix: 'Retry the whole transaction, with a small random delay: that is the normal handling.',
    confidence: 88,
  },
  {
    id: 'postgres/statement-timeout',
    match: [
      {
        message:
          'canceling statement due to (?<reason>statement timeout|lock timeout|user request|conflict with recovery)',
      },
      { code: ['57014', '55P03'] },
    ],
    category: 'timeout',
    rootCause: 'PostgreSQL ended the query: {reason|it took too long}.',
    suggestedFix:
      'Look at its plan with EXPLAIN (ANALYZE, BUFFERS) and at missing indexes; for locks, see who holds them in pg_stat_activity.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'postgres/transaction-aborted',
    match: [{ code: '25P02' }, { message: 'current transaction is aborted, commands ignored' }],
    category: 'bug',
    rootCause: 'An earlier query of the transaction failed, and the code went on without ROLLBACK.',
    suggestedFix:
      'Find that first error; let every error leave the transaction (ROLLBACK), or use savepoints.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'pool/timeout',
    match: {
      message:
        'timeout exceeded when trying to connect|Timeout acquiring a connection|ResourceRequest timed out|Timed out fetching a new connection from the connection pool|Operation timeout\\b',
    },
    category: 'resource',
    rootCause:
      'No database connection became free in time: all of the pool are in use, or the database does not answer.',
    suggestedFix:
      'Look for connections that are never released (a missing release in finally, a transaction left open) and for slow queries; only then make the pool larger.',
    confidence: 76,
    needsCode: true,
  },
];

/** MySQL and MariaDB: the error names of mysql and mysql2. */
const mysql: readonly RuleDefinition[] = [
  {
    id: 'mysql/duplicate',
    match: [
      { message: "Duplicate entry '(?<value>[^']{0,100})' for key '(?<key>[^']{1,130})'" },
      { code: ['ER_DUP_ENTRY', 'ER_DUP_ENTRY_WITH_KEY_NAME'] },
    ],
    category: 'data',
    rootCause: 'A row with the same key is there already: unique key "{key|of the table}".',
    suggestedFix: 'Answer with a conflict (409), or use INSERT … ON DUPLICATE KEY UPDATE.',
    confidence: 80,
  },
  {
    id: 'mysql/access-denied',
    match: [
      { message: "Access denied for user '(?<user>[^']{0,80})'@'(?<host>[^']{1,100})'" },
      { code: ['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR'] },
    ],
    category: 'authentication',
    rootCause:
      'MySQL refused the user "{user|that was given}" from {host|this host}: wrong password, or the account is not allowed from there.',
    suggestedFix: 'Check user and password in this environment, and the host part of the account (user@%).',
    confidence: 90,
  },
  {
    id: 'mysql/auth-mode',
    match: { code: ['ER_NOT_SUPPORTED_AUTH_MODE', 'AUTH_SWITCH_PLUGIN_ERROR'] },
    category: 'dependency',
    rootCause: 'The client does not know the authentication method of the account (caching_sha2_password).',
    suggestedFix: 'Use mysql2 in place of mysql.',
    confidence: 90,
  },
  {
    id: 'mysql/no-table',
    match: [{ message: "Table '(?<table>[^']{1,130})' doesn't exist" }, { code: 'ER_NO_SUCH_TABLE' }],
    category: 'database',
    rootCause:
      'The database has no table "{table|of that name}": migrations did not run here, or the letter case differs.',
    suggestedFix: 'Run the migrations against this database.',
    confidence: 84,
  },
  {
    id: 'mysql/no-column',
    match: [{ message: "Unknown column '(?<column>[^']{1,130})'" }, { code: 'ER_BAD_FIELD_ERROR' }],
    category: 'database',
    rootCause:
      'The column "{column|of that name}" does not exist: a migration is missing, or the name is misspelt.',
    suggestedFix: 'Run the migrations, or correct the name; a text value needs quotes (use placeholders).',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'mysql/no-database',
    match: [{ message: "Unknown database '(?<database>[^']{1,64})'" }, { code: 'ER_BAD_DB_ERROR' }],
    category: 'configuration',
    rootCause: 'The server has no database "{database|of that name}".',
    suggestedFix: 'Create it, or correct the name in the configuration.',
    confidence: 93,
  },
  {
    id: 'mysql/syntax',
    match: [{ code: 'ER_PARSE_ERROR' }, { message: 'You have an error in your SQL syntax' }],
    category: 'bug',
    rootCause: 'The SQL text is wrong.',
    suggestedFix:
      'Log the query as it is sent; an empty list, a reserved word as a name, or pasted text in place of a placeholder are the usual faults.',
    confidence: 58,
    needsCode: true,
  },
  {
    id: 'mysql/foreign-key',
    match: [
      {
        code: [
          'ER_NO_REFERENCED_ROW',
          'ER_NO_REFERENCED_ROW_2',
          'ER_ROW_IS_REFERENCED',
          'ER_ROW_IS_REFERENCED_2',
        ],
      },
      { message: 'a foreign key constraint fails' },
    ],
    category: 'data',
    rootCause:
      'A foreign key does not hold: the row refers to one that does not exist, or the one to be deleted is still referred to.',
    suggestedFix: 'Insert the parent first, or decide what happens to the children (ON DELETE).',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'mysql/bad-value',
    match: [
      {
        message:
          "(?:Data too long|Out of range value|Incorrect [^]{1,100}) for column '(?<column>[^']{1,64})",
      },
      { message: "Column '(?<column>[^']{1,64})' cannot be null" },
      {
        code: [
          'ER_DATA_TOO_LONG',
          'ER_BAD_NULL_ERROR',
          'ER_TRUNCATED_WRONG_VALUE_FOR_FIELD',
          'ER_NO_DEFAULT_FOR_FIELD',
        ],
      },
    ],
    category: 'data',
    rootCause: 'A value does not fit its column ("{column|see the message}").',
    suggestedFix: 'Validate the value before the query, or change the column.',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'mysql/deadlock',
    match: [
      { code: ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'] },
      { message: 'Deadlock found when trying to get lock|Lock wait timeout exceeded' },
    ],
    category: 'database',
    rootCause: 'Transactions waited for each other’s locks; MySQL ended this one.',
    suggestedFix:
      'Retry the whole transaction, keep transactions short, and lock rows in the same order everywhere.',
    confidence: 86,
    needsCode: true,
  },
  {
    id: 'mysql/connection-lost',
    match: [
      { code: ['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR', 'ER_SERVER_SHUTDOWN'] },
      {
        message: "The server closed the connection|Can't add new command when connection is in closed state",
      },
    ],
    category: 'database',
    rootCause:
      'The connection to MySQL was lost (idle timeout, restart or failover), and the code went on using it.',
    suggestedFix: 'Use a pool in place of a single connection: it opens a new one.',
    confidence: 84,
  },
  {
    id: 'mysql/too-many-connections',
    match: [
      { code: ['ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS'] },
      { message: '^Too many connections$' },
    ],
    category: 'resource',
    rootCause: 'All connections of the MySQL server are taken.',
    suggestedFix: 'One pool per process with a small connectionLimit, and release connections in finally.',
    confidence: 90,
  },
];

const sqlite: readonly RuleDefinition[] = [
  {
    id: 'sqlite/busy',
    match: [{ code: ['SQLITE_BUSY', 'SQLITE_LOCKED'] }, { message: 'database (?:table )?is locked' }],
    category: 'database',
    rootCause: 'Another connection is writing to the SQLite file, which allows one writer at a time.',
    suggestedFix:
      'Set a busy timeout, use WAL mode (PRAGMA journal_mode = WAL), and keep transactions short.',
    confidence: 88,
  },
  {
    id: 'sqlite/constraint',
    match: [
      {
        message:
          '(?<kind>UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (?<column>[\\w., ]{1,200}))?',
      },
      { code: 'SQLITE_CONSTRAINT' },
    ],
    category: 'data',
    rootCause: 'A row breaks a constraint: {kind|see the message} {column|of the table}.',
    suggestedFix: 'Handle the conflict (INSERT … ON CONFLICT, or answer 409), or validate the value first.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'sqlite/cannot-open',
    match: [{ code: 'SQLITE_CANTOPEN' }, { message: 'unable to open database file' }],
    category: 'configuration',
    rootCause: 'The SQLite file cannot be opened: its directory does not exist or is not writable.',
    suggestedFix: 'Create the directory and give the process the right to write into it.',
    confidence: 88,
  },
];

const orms: readonly RuleDefinition[] = [
  {
    id: 'prisma/unique',
    match: [
      { message: 'Unique constraint failed on the (?:fields?|constraint): \\(?(?<fields>[^)\\n]{1,150})' },
      { code: 'P2002' },
    ],
    category: 'data',
    rootCause: 'A row with the same {fields|unique value} is there already.',
    suggestedFix: 'Answer with a conflict (409), or use upsert.',
    confidence: 80,
  },
  {
    id: 'prisma/foreign-key',
    match: { code: ['P2003', 'P2014'] },
    category: 'data',
    rootCause:
      'A relation does not hold: the row refers to one that does not exist, or is still referred to.',
    suggestedFix: 'Create the parent first, or decide what happens to the children (onDelete).',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'prisma/not-found',
    match: [
      { code: ['P2025', 'P2001', 'P2018'] },
      {
        message:
          'depends on one or more records that were required but not found|Record to (?:update|delete) (?:not found|does not exist)',
      },
      { name: 'NotFoundError', message: 'No \\w{1,60} found' },
    ],
    category: 'data',
    rootCause: 'The row that should be read, changed or deleted does not exist.',
    suggestedFix: 'Answer 404, or use a form that allows for it (findUnique, updateMany, upsert).',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'prisma/unreachable',
    match: [
      { message: "Can't reach database server at `?(?<address>[^`\\s]{1,200})" },
      { code: ['P1001', 'P1002', 'P1017'] },
    ],
    category: 'database',
    rootCause: 'Prisma cannot reach the database server at {address|the configured address}.',
    suggestedFix:
      'Check that it runs and that host and port in DATABASE_URL are right from this machine or container.',
    confidence: 90,
  },
  {
    id: 'prisma/credentials',
    match: { code: ['P1000', 'P1003', 'P1010'] },
    category: 'authentication',
    rootCause: 'The database refused the credentials or the database name in DATABASE_URL ({code}).',
    suggestedFix: 'Correct user, password (URL-encoded) and database name in DATABASE_URL.',
    confidence: 90,
  },
  {
    id: 'prisma/schema',
    match: [
      {
        message: 'The (?<kind>table|column) `(?<object>[^`]{1,130})` does not exist in the current database',
      },
      { code: ['P2021', 'P2022'] },
    ],
    category: 'database',
    rootCause:
      'The {kind|table or column} "{object|of the schema}" does not exist in this database: migrations did not run here.',
    suggestedFix: 'Run prisma migrate deploy against this database.',
    confidence: 88,
  },
  {
    id: 'prisma/client',
    match: {
      message:
        '@prisma/client did not initialize yet|Query engine library for current platform|could not locate the Query Engine',
    },
    category: 'dependency',
    rootCause: 'The Prisma client was not generated for this platform, or not at all.',
    suggestedFix:
      'Run prisma generate in the build, with the target platform in binaryTargets, and ship its output.',
    confidence: 92,
  },
  {
    id: 'prisma/validation',
    match: { name: 'PrismaClientValidationError' },
    category: 'bug',
    rootCause:
      'A Prisma query does not fit the schema: an unknown or missing field, or a value of the wrong type.',
    suggestedFix:
      'Read the end of the message, which names the argument; after a change of the schema, run prisma generate.',
    confidence: 62,
    needsCode: true,
  },
  {
    id: 'sequelize/unique',
    match: { name: 'SequelizeUniqueConstraintError' },
    category: 'data',
    rootCause: 'A row with the same unique value is there already.',
    suggestedFix: 'Answer with a conflict (409), or use upsert; error.fields names the columns.',
    confidence: 80,
  },
  {
    id: 'sequelize/foreign-key',
    match: { name: 'SequelizeForeignKeyConstraintError' },
    category: 'data',
    rootCause:
      'A foreign key does not hold: the row refers to one that does not exist, or is still referred to.',
    suggestedFix: 'Insert the parent first, or decide what happens to the children.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'sequelize/connection',
    match: {
      name: [
        'SequelizeConnectionRefusedError',
        'SequelizeHostNotFoundError',
        'SequelizeHostNotReachableError',
        'SequelizeConnectionTimedOutError',
      ],
    },
    category: 'database',
    rootCause: 'Sequelize cannot reach the database ({name}).',
    suggestedFix:
      'Check that it runs, and host and port of the configuration from this machine or container.',
    confidence: 88,
  },
  {
    id: 'sequelize/pool',
    match: { name: 'SequelizeConnectionAcquireTimeoutError' },
    category: 'resource',
    rootCause: 'No database connection became free in time: all of the pool are in use.',
    suggestedFix:
      'Look for transactions that are never ended and for slow queries; only then make the pool larger.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'typeorm/metadata',
    match: [
      { name: ['EntityMetadataNotFoundError', 'EntityMetadataNotFound'] },
      { message: 'No metadata for "(?<entity>[^"]{1,80})" was found' },
    ],
    category: 'configuration',
    rootCause:
      'TypeORM does not know the entity "{entity|of the query}": it is not among the data source’s entities, or its file is not loaded.',
    suggestedFix: 'Add the class itself to entities (a glob for .ts files finds nothing after compilation).',
    confidence: 88,
  },
];

export const databaseErrors: readonly RuleDefinition[] = [...orms, ...postgres, ...mysql, ...sqlite];
