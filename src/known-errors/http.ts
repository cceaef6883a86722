import type { RuleDefinition } from '../rule-definition.ts';

/** How axios, got, ky, superagent and the SDKs built on them word a response's status. */
const STATUS =
  'Request failed with status code |Response code |Response status code does not indicate success: |Unexpected server response: |status code ';

/** Calls to other services over HTTP, and faults of one's own server. */
export const httpErrors: readonly RuleDefinition[] = [
  {
    id: 'http/status-401-403',
    match: { message: `(?:${STATUS})(?<status>401|403|407)\\b` },
    category: 'authentication',
    rootCause:
      'The other service refused the call with status {status}: credentials are missing, wrong, expired, or not allowed to do this.',
    suggestedFix: 'Check the token or key that this environment sends, its expiry and its scopes.',
    confidence: 78,
    nextSteps: ['Read the body of the response: it usually says which of these it is.'],
  },
  {
    id: 'http/status-404',
    match: { message: `(?:${STATUS})(?<status>404|410)\\b` },
    category: 'data',
    rootCause:
      'The other service has nothing at the URL that was asked (status {status}): the id does not exist there, or the URL is wrong.',
    suggestedFix:
      'Log the URL that is asked. If a missing entity is normal, handle 404 as "not found"; else correct path, version or base URL.',
    confidence: 58,
    needsCode: true,
  },
  {
    id: 'http/status-429',
    match: { message: `(?:${STATUS})(?<status>429)\\b|Too Many Requests` },
    category: 'resource',
    rootCause: 'The other service limits the rate of calls, and this caller is above it (status 429).',
    suggestedFix:
      'Wait as long as Retry-After says, retry with backoff and jitter, and limit parallel calls; cache what is asked again and again.',
    confidence: 90,
  },
  {
    id: 'http/status-413',
    match: { message: `(?:${STATUS})(?<status>413)\\b` },
    category: 'validation',
    rootCause: 'The other service refused the request because its body is too large (status 413).',
    suggestedFix:
      'Send less at once (pages, compression, an upload in parts), or raise the limit there, proxies included.',
    confidence: 88,
  },
  {
    id: 'http/status-4xx',
    match: { message: `(?:${STATUS})(?<status>4\\d\\d)\\b` },
    category: 'validation',
    rootCause:
      'The other service refused the request as wrong (status {status}): it does not like what was sent.',
    suggestedFix:
      'Log the body of its response, which names the fault, and compare the request with its documentation.',
    confidence: 52,
    needsCode: true,
  },
  {
    id: 'http/status-502-504',
    match: { message: `(?:${STATUS})(?<status>502|503|504)\\b` },
    category: 'network',
    rootCause:
      'The other service is not available just now (status {status}): it is down, starting, overloaded, or too slow for the proxy in front of it.',
    suggestedFix:
      'Look at the health and the log of that service; retry with backoff what is safe to repeat, and give users an honest answer meanwhile.',
    confidence: 78,
  },
  {
    id: 'http/status-5xx',
    match: { message: `(?:${STATUS})(?<status>5\\d\\d)\\b` },
    category: 'network',
    rootCause:
      'The other service failed while it handled the request (status {status}): the fault shows in its log, not in this one.',
    suggestedFix: 'Look up the same moment in the log of that service, by request or trace id.',
    confidence: 70,
  },
  {
    id: 'http/redirects',
    match: {
      message: 'Maximum number of redirects exceeded|redirect count exceeded|maximum redirect reached at',
    },
    category: 'configuration',
    rootCause:
      'The other side redirects again and again: usually http ↔ https, with or without a slash, or to a login page that needs a cookie.',
    suggestedFix:
      'Follow it once by hand (curl -sIL) and ask the final URL; send the credentials that it wants.',
    confidence: 80,
  },
  {
    id: 'undici/connect-timeout',
    match: [{ code: 'UND_ERR_CONNECT_TIMEOUT' }, { message: 'Connect Timeout Error' }],
    category: 'timeout',
    rootCause:
      'No connection could be made in time: packets are dropped on the way (firewall, security group, wrong network), or the host is down.',
    suggestedFix:
      'Check address, firewall and egress rules from this machine; a host that is up but does not listen would refuse at once.',
    confidence: 80,
  },
  {
    id: 'undici/response-timeout',
    match: [
      { code: ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'] },
      { message: '(?:Headers|Body) Timeout Error' },
    ],
    category: 'timeout',
    rootCause: 'The other side took the request, but sent no (further) answer within the limit ({code}).',
    suggestedFix:
      'Find out why it is slow; for answers that rightly take minutes, raise headersTimeout and bodyTimeout of the dispatcher.',
    confidence: 80,
  },
  {
    id: 'undici/body-used',
    match: { message: 'Body is unusable|Body has already been (?:read|used)|body used already for' },
    category: 'bug',
    rootCause: 'The body of a request or response was read twice; it can be read once.',
    suggestedFix:
      'Read it once into a variable (await response.text(), then JSON.parse), or use response.clone() before the first read.',
    confidence: 82,
    needsCode: true,
  },
  {
    id: 'undici/socket',
    match: { code: ['UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED'] },
    category: 'network',
    rootCause: 'The connection was closed while the request was under way ({code}).',
    suggestedFix:
      'Look at the log of the other side at this moment; retry what is safe to repeat. If this process is shutting down, let requests end first.',
    confidence: 68,
  },
  {
    id: 'fetch/bad-port',
    match: { message: '^bad port$' },
    category: 'configuration',
    rootCause:
      'fetch refuses this port: the standard blocks ports of other protocols (1, 22, 25, 6000, 6667, …).',
    suggestedFix: 'Use another port, or a client without that list (node:http).',
    confidence: 93,
  },
  {
    id: 'fetch/failed',
    match: { message: 'fetch failed|NetworkError when attempting to fetch resource' },
    category: 'network',
    rootCause: 'fetch got no response at all; the reason stands in the error’s cause, which was not logged.',
    suggestedFix:
      'Log the error object itself (with its cause), not only its message; usual reasons are a refused connection, a wrong host name and TLS.',
    confidence: 35,
    needsCode: true,
  },
  {
    id: 'axios/network-error',
    match: { name: 'AxiosError', message: '^Network Error$' },
    category: 'network',
    rootCause:
      'The call got no response at all: in a browser usually CORS, a blocked request or no network; in Node the connection.',
    suggestedFix: 'Try the URL with curl from the same machine; in a browser, the console names the reason.',
    confidence: 40,
  },
  {
    id: 'abort/timeout',
    match: [
      { name: 'TimeoutError', message: 'The operation was aborted due to timeout|(?<duration>\\d{1,9} ?ms)' },
      { message: 'The operation was aborted due to timeout' },
    ],
    category: 'timeout',
    rootCause:
      'The operation took longer than the time that its caller gave it ({duration|AbortSignal.timeout}).',
    suggestedFix: 'Find out why it is slow; raise the limit only if such times are normal.',
    confidence: 68,
  },
  {
    id: 'timeout/generic',
    match: [
      { message: '(?:timed out|[Tt]imeout) (?:after|of|at:?|awaiting) (?<duration>[^]{1,60})' },
      { name: ['TimeoutError', 'RequestTimeoutError'] },
    ],
    category: 'timeout',
    rootCause: 'Something took longer than the time that its caller gave it ({duration|see the stack}).',
    suggestedFix:
      'Find out what it waited for: the stack names the caller. Raise the limit only if such times are normal.',
    confidence: 52,
    needsCode: true,
  },
  {
    id: 'abort/aborted',
    match: [
      { name: 'AbortError' },
      { code: ['ABORT_ERR', 'UND_ERR_ABORTED', 'ERR_CANCELED'] },
      { message: 'This operation was aborted|^canceled$' },
    ],
    category: 'unknown',
    rootCause:
      'The operation was cancelled by its own side: an AbortController was fired (client gone, shutdown, a newer request, a time limit).',
    suggestedFix:
      'If the cancellation is meant, catch it and log it below error level; else find who calls abort().',
    confidence: 55,
    needsCode: true,
  },
  {
    id: 'server/headers-sent',
    match: [
      { code: 'ERR_HTTP_HEADERS_SENT' },
      { message: 'Cannot (?<what>set|remove|write|append) headers after they are sent' },
    ],
    category: 'bug',
    rootCause:
      'The handler answered the same request twice: something after the first answer tried to send or change headers.',
    suggestedFix:
      'Return after every res.send, res.json, res.redirect and next(error), and see that a callback and a timeout cannot both answer.',
    confidence: 72,
    nextSteps: ['The stack shows the second answer; look for the first one on the way to it.'],
    needsCode: true,
  },
  {
    id: 'fastify/already-sent',
    match: { code: 'FST_ERR_REP_ALREADY_SENT' },
    category: 'bug',
    rootCause:
      'The handler answered the same request twice (reply.send, and a return value or a second send).',
    suggestedFix:
      'In async handlers, return the payload or return reply, never both send and a value; return after each send.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'server/invalid-header',
    match: [
      {
        message:
          'Invalid (?:value "(?<value>[^"]{0,60})"|character) (?:for header|in header content) (?:\\["(?<header>[^"]{1,80}))?',
      },
      { code: ['ERR_INVALID_CHAR', 'ERR_HTTP_INVALID_HEADER_VALUE'] },
    ],
    category: 'bug',
    rootCause:
      'The header "{header|that was set}" got a value that HTTP does not allow: undefined, a line break, or characters outside Latin-1.',
    suggestedFix:
      'Check that the value is set and trim it (secrets read from files end with a line break); encode names of files (RFC 5987).',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'server/payload-too-large',
    match: [
      { name: 'PayloadTooLargeError' },
      { message: 'request entity too large|Request body is too large' },
      { code: ['FST_ERR_CTP_BODY_TOO_LARGE', 'LIMIT_FILE_SIZE', 'entity.too.large'] },
    ],
    category: 'validation',
    rootCause:
      'A client sent a body above the limit of the server (Express: 100 kB, Fastify: 1 MiB unless set).',
    suggestedFix:
      'If such bodies are meant, raise the limit for that route (express.json({ limit }), bodyLimit); else answer 413 and log it below error level.',
    confidence: 90,
  },
  {
    id: 'server/empty-json-body',
    match: [
      { code: 'FST_ERR_CTP_EMPTY_JSON_BODY' },
      { message: 'Body cannot be empty when content-type is set to' },
    ],
    category: 'validation',
    rootCause: 'A client sent an empty body with the content type application/json.',
    suggestedFix:
      'Let the client leave the content type out when it sends nothing (a DELETE, often), or send {}.',
    confidence: 90,
  },
  {
    id: 'server/media-type',
    match: [
      { message: 'Unsupported Media Type:? ?(?<type>\\S{0,100})' },
      { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' },
    ],
    category: 'validation',
    rootCause:
      'A client sent the content type "{type|of an unknown kind}", for which the server has no parser.',
    suggestedFix: 'Send application/json, or register a parser for that type.',
    confidence: 88,
  },
  {
    id: 'server/request-aborted',
    match: [{ message: '^request aborted$|^aborted$' }, { code: 'ECONNABORTED' }],
    category: 'network',
    rootCause: 'The client went away before its request was complete.',
    suggestedFix:
      'Nothing is broken here: log it below error level. If it is frequent, look at client timeouts and slow uploads.',
    confidence: 80,
  },
  {
    id: 'server/header-overflow',
    match: { code: 'HPE_HEADER_OVERFLOW' },
    category: 'validation',
    rootCause:
      'The headers of a message are larger than the parser accepts (16 KiB): usually cookies or tokens that grew.',
    suggestedFix: 'Make the cookies smaller; or raise --max-http-header-size.',
    confidence: 88,
  },
  {
    id: 'server/http-parse',
    match: [
      {
        code: [
          'HPE_INVALID_CONSTANT',
          'HPE_INVALID_METHOD',
          'HPE_INVALID_VERSION',
          'HPE_INVALID_HEADER_TOKEN',
          'HPE_INVALID_CONTENT_LENGTH',
        ],
      },
      { message: '^Parse Error: ' },
    ],
    category: 'network',
    rootCause:
      'What came over the connection is not valid HTTP ({code|parse error}): often HTTPS spoken to an HTTP port, or another protocol.',
    suggestedFix: 'Check that scheme and port belong together on both sides.',
    confidence: 75,
  },
  {
    id: 'express/view-not-found',
    match: { message: 'Failed to lookup view "(?<view>[^"]{1,100})" in views director' },
    category: 'configuration',
    rootCause: 'Express finds no template "{view}" in its views directory.',
    suggestedFix:
      'Set app.set("views", path) to an absolute path, and see that templates are part of the deployment.',
    confidence: 88,
  },
  {
    id: 'express/route-pattern',
    match: {
      message:
        'Missing parameter name at (?:index )?(?<position>\\d{1,5})|Unexpected (?:\\?|\\(|\\*|MODIFIER) at',
    },
    category: 'bug',
    rootCause:
      'A route’s path is written for an older path-to-regexp: since Express 5, wildcards need names and ?, +, ( ) are special.',
    suggestedFix: 'Write "/*splat" for "*", and "{/:id}" for "/:id?".',
    confidence: 85,
  },
  {
    id: 'fastify/duplicate-route',
    match: [
      { code: 'FST_ERR_DUPLICATED_ROUTE' },
      { message: "Method '(?<method>\\w{2,10})' already declared for route '(?<route>[^']{1,200})'" },
    ],
    category: 'bug',
    rootCause: 'The route {route|given} is declared twice for the same method.',
    suggestedFix: 'Remove one of them; a plugin registered twice without a prefix does this as well.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'fastify/plugin-timeout',
    match: [{ code: ['FST_ERR_PLUGIN_TIMEOUT', 'AVV_ERR_PLUGIN_EXEC_TIMEOUT', 'AVV_ERR_READY_TIMEOUT'] }],
    category: 'bug',
    rootCause:
      'A Fastify plugin did not finish loading in time: it neither called done nor settled its promise, or waits for something that is not there.',
    suggestedFix: 'Make it async without done (or call done), and look at what it connects to.',
    confidence: 72,
    needsCode: true,
  },
  {
    id: 'grpc/unavailable',
    match: { message: '\\b14 UNAVAILABLE:? (?<detail>[^]{0,120})' },
    category: 'network',
    rootCause: 'The gRPC service could not be reached: {detail|no connection}.',
    suggestedFix:
      'Check address, port and TLS setting of the channel and whether the service runs; retry with backoff.',
    confidence: 80,
  },
  {
    id: 'grpc/deadline',
    match: { message: '\\b4 DEADLINE_EXCEEDED' },
    category: 'timeout',
    rootCause: 'The gRPC call did not end within its deadline.',
    suggestedFix:
      'Find out why the service is slow, or whether the connection ever came up; then set a deadline that fits.',
    confidence: 72,
  },
  {
    id: 'grpc/unauthenticated',
    match: { message: '\\b(?:16 UNAUTHENTICATED|7 PERMISSION_DENIED):? (?<detail>[^]{0,120})' },
    category: 'authentication',
    rootCause: 'The gRPC service refused the caller: {detail|credentials are missing or not sufficient}.',
    suggestedFix: 'Check the credentials in the call’s metadata and the rights of that account.',
    confidence: 80,
  },
  {
    id: 'grpc/exhausted',
    match: { message: '\\b8 RESOURCE_EXHAUSTED:? (?<detail>[^]{0,120})' },
    category: 'resource',
    rootCause: 'A limit is reached: {detail|quota, rate or message size}.',
    suggestedFix:
      'For a message size, raise grpc.max_receive_message_length or page; for a quota, slow down and retry with backoff.',
    confidence: 78,
  },
  {
    id: 'grpc/unimplemented',
    match: { message: '\\b12 UNIMPLEMENTED:? (?<detail>[^]{0,120})' },
    category: 'configuration',
    rootCause:
      'The server does not know the called method: {detail|client and server are of different versions}.',
    suggestedFix:
      'Compare package, service and method names of both sides’ .proto files, and whether the address is that of the right server.',
    confidence: 82,
  },
];
