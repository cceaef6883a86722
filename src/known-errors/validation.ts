import type { RuleDefinition } from '../rule-definition.ts';

/** Input that a schema refuses, and tokens. */
export const validationErrors: readonly RuleDefinition[] = [
  {
    id: 'validation/zod',
    match: [
      // zod writes its issues as JSON with an indentation of two.
      {
        name: ['ZodError', '$ZodError'],
        message:
          '"path": \\[\\n {6}(?<path>[^\\]]{1,200}?)\\n {4}\\],\\n {4}"message": "(?<problem>[^\\n]{1,300}?)"\\n',
      },
      { name: ['ZodError', '$ZodError'] },
    ],
    category: 'validation',
    rootCause:
      'The data does not fit its schema at {path|the places that its issues name}: {problem|it is not valid}.',
    suggestedFix:
      'When it comes from a client, answer 400 with the issues and log it below error level; when it comes from your own code or another service, correct that side or the schema.',
    confidence: 72,
    needsCode: true,
  },
  {
    id: 'validation/fastify',
    match: [
      { code: 'FST_ERR_VALIDATION', message: '(?<problem>[^]{1,200})' },
      { code: 'FST_ERR_VALIDATION' },
    ],
    category: 'validation',
    rootCause: 'A request does not fit the route’s schema: {problem|see the validation errors}.',
    suggestedFix:
      'The client has to correct it: answer 400 and log it below error level. If the request is right, correct the schema.',
    confidence: 80,
  },
  {
    id: 'validation/joi',
    match: [
      {
        name: 'ValidationError',
        message:
          '"(?<field>[^"]{1,100})" (?<problem>(?:is|must|length|contains|with|missing|does|failed|conflict)[^]{1,150})',
      },
    ],
    category: 'validation',
    rootCause: 'The data does not fit its Joi schema: "{field}" {problem}.',
    suggestedFix:
      'When it comes from a client, answer 400 with error.details; else correct the side that sends it, or the schema.',
    confidence: 76,
    needsCode: true,
  },
  {
    id: 'validation/ajv-schema',
    match: [
      { message: 'strict mode: (?<problem>[^]{1,150})' },
      { message: 'schema is invalid: (?<problem>[^]{1,150})' },
      { code: 'FST_ERR_SCH_VALIDATION_BUILD' },
    ],
    category: 'bug',
    rootCause: 'A JSON schema of the application itself is wrong: {problem|see the message}.',
    suggestedFix: 'Correct the schema: the fault shows at start, not in a request.',
    confidence: 82,
    needsCode: true,
  },
  {
    id: 'validation/ajv',
    match: {
      name: ['ValidationError', 'Error'],
      message:
        '(?<part>body|querystring|params|headers|data)(?<path>[/.][\\w./-]{1,80})? (?<problem>must (?:have|be|match|NOT)[^]{1,120})',
    },
    category: 'validation',
    rootCause: 'The data does not fit its JSON schema: {part} {problem}.',
    suggestedFix:
      'When it comes from a client, answer 400; else correct the side that sends it, or the schema.',
    confidence: 76,
    needsCode: true,
  },
  {
    id: 'validation/yup',
    match: {
      name: 'ValidationError',
      message:
        '(?<field>\\S{1,80}) (?:is a required field|must be (?:a|at|one|match|greater|less)[^]{0,100})',
    },
    category: 'validation',
    rootCause: 'The data does not fit its schema: the field "{field}" is missing or of the wrong kind.',
    suggestedFix:
      'When it comes from a client, answer 400 with error.errors; else correct the side that sends it, or the schema.',
    confidence: 72,
    needsCode: true,
  },
  {
    id: 'validation/class-validator',
    match: { message: 'An instance of (?<class>\\w{1,80}) has failed the validation' },
    category: 'validation',
    rootCause: 'A {class} breaks the rules of its decorators.',
    suggestedFix:
      'Answer 400 with the constraints when it is a client’s input; the properties that fail stand below that line.',
    confidence: 74,
    needsCode: true,
  },
  {
    id: 'validation/sequelize',
    match: [{ name: 'SequelizeValidationError', message: '(?<problem>[^]{1,200})' }],
    category: 'validation',
    rootCause: 'A row does not pass the model’s validation: {problem}.',
    suggestedFix: 'Validate the input first and answer 400; error.errors lists the fields.',
    confidence: 76,
    needsCode: true,
  },
  {
    id: 'jwt/expired',
    match: [
      { name: 'TokenExpiredError' },
      { code: 'ERR_JWT_EXPIRED' },
      { message: 'jwt expired|"exp" claim timestamp check failed|FAST_JWT_EXPIRED' },
    ],
    category: 'authentication',
    rootCause: 'A token was used after its expiry.',
    suggestedFix:
      'Answer 401 so that the client renews it, and log it below error level; if it is your own service’s token, renew it before it expires.',
    confidence: 92,
  },
  {
    id: 'jwt/not-active',
    match: [{ name: 'NotBeforeError' }, { message: 'jwt not active|"nbf" claim timestamp check failed' }],
    category: 'authentication',
    rootCause: 'A token was used before it is valid: usually the clocks of two machines differ.',
    suggestedFix: 'Synchronise the clocks, or allow a small clockTolerance.',
    confidence: 88,
  },
  {
    id: 'jwt/signature',
    match: [
      { name: 'JsonWebTokenError', message: 'invalid signature|invalid algorithm' },
      { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' },
    ],
    category: 'authentication',
    rootCause:
      'A token’s signature does not fit the key: it was issued with another secret (environment, rotation) or altered.',
    suggestedFix:
      'Answer 401. If your own tokens fail, compare secret or public key and algorithm of issuer and verifier.',
    confidence: 86,
  },
  {
    id: 'jwt/claims',
    match: {
      message: 'jwt (?<claim>audience|issuer|subject|id) invalid(?:\\. expected: (?<expected>[^]{1,100}))?',
    },
    category: 'authentication',
    rootCause:
      'A token was issued for another {claim} than this service expects ({expected|see its settings}).',
    suggestedFix: 'Compare the token’s claims with the verifier’s settings in this environment.',
    confidence: 88,
  },
  {
    id: 'jwt/malformed',
    match: [
      {
        message:
          'jwt malformed|jwt must be (?:provided|a string)|Invalid Compact JWS|jwt signature is required',
      },
      { name: 'JsonWebTokenError' },
      { code: ['ERR_JWS_INVALID', 'ERR_JWT_INVALID', 'FAST_JWT_MALFORMED'] },
    ],
    category: 'authentication',
    rootCause: 'What was given as a token is none: empty, "undefined", or still with its "Bearer " prefix.',
    suggestedFix: 'Take the token out of the header carefully and answer 401 when there is none.',
    confidence: 84,
    needsCode: true,
  },
  {
    id: 'jwt/no-secret',
    match: { message: 'secretOrPrivateKey must have a value|secret or public key must be provided' },
    category: 'configuration',
    rootCause: 'The key for signing or verifying tokens is not set in this environment.',
    suggestedFix: 'Set the variable that holds it, and fail at start-up when it is missing.',
    confidence: 92,
  },
  {
    id: 'csrf/token',
    match: [{ code: 'EBADCSRFTOKEN' }, { message: 'invalid csrf token' }],
    category: 'authentication',
    rootCause:
      'A form was sent without its valid CSRF token: expired session, missing cookie, or a foreign page.',
    suggestedFix:
      'Answer 403 and log it below error level; if real users see it, check the cookie’s domain, SameSite and Secure.',
    confidence: 86,
  },
  {
    id: 'config/missing-variable',
    match: {
      message:
        '(?:[Mm]issing|[Uu]ndefined|[Rr]equired) (?:required )?env(?:ironment)? ?(?:variable|var)s?:? ["\'`]?(?<variable>[A-Z][A-Z0-9_]{2,80})',
    },
    category: 'configuration',
    rootCause: 'The environment variable {variable} is not set.',
    suggestedFix: 'Set it where the application is started (deployment, .env).',
    confidence: 92,
  },
];
