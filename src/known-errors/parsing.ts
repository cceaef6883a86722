import type { RuleDefinition } from '../rule-definition.ts';

/** Texts that are not what their reader expected: JSON, URLs. */
export const parsingErrors: readonly RuleDefinition[] = [
  {
    id: 'http/body-not-json',
    match: [
      { message: 'Body is not valid JSON but content-type is set to' },
      { stack: 'node_modules/body-parser/', name: 'SyntaxError' },
    ],
    category: 'validation',
    rootCause: 'A client sent a body that is not valid JSON, although its content type says so.',
    suggestedFix:
      'Answer 400 and log it below error level; if the client is your own, let it send JSON.stringify(…) and not an object or a form.',
    confidence: 88,
  },
  {
    id: 'json/html-instead-of-json',
    match: [
      { message: 'Unexpected token \'?<\'?, "(?<start>[^"\\n]{0,60})' },
      { message: 'Unexpected token <' },
      { message: 'invalid json response body at (?<url>\\S{1,300}) reason: Unexpected token' },
    ],
    category: 'network',
    rootCause:
      'An HTML (or XML) page arrived where JSON was expected (it begins with "{start|<}"): usually an error page, a login page, or the wrong URL.',
    suggestedFix:
      'Check status and content type of the response before parsing it as JSON, and treat everything else as a failed call. Then look at the URL that was asked, and at what it answers.',
    confidence: 82,
    nextSteps: ['Ask the same URL with curl -i: status, content-type and first lines say which page it is.'],
  },
  {
    id: 'json/object-object',
    match: [
      { message: '"\\[object Obj[^]{0,20} is not valid JSON' },
      { message: 'Unexpected token o in JSON at position 1' },
    ],
    category: 'bug',
    rootCause:
      'An object was turned into the text "[object Object]" and that parsed as JSON: it was parsed already, or never stringified.',
    suggestedFix:
      'Leave JSON.parse out where the value is an object already; use JSON.stringify where it is sent or stored.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'json/undefined',
    match: {
      message:
        '"undefined" is not valid JSON|Unexpected token \'?u\'?,? (?:in JSON at position 0|"undefined")',
    },
    category: 'bug',
    rootCause: 'undefined was parsed as JSON: the value (storage entry, variable, body) is not set.',
    suggestedFix: 'Check that the value is there before parsing it.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'json/truncated',
    match: { message: 'Unexpected end of JSON input|Unterminated string in JSON' },
    category: 'data',
    rootCause:
      'The JSON text ends too early: it is empty, or was cut off on its way (an empty response, an incomplete file or stream).',
    suggestedFix:
      'Look at the length and status of what was read: an empty body (204, failed call) must not be parsed, a stream must be read to its end.',
    confidence: 66,
    needsCode: true,
  },
  {
    id: 'json/invalid',
    match: [
      { message: 'Unexpected token [^]{1,6}, (?<excerpt>(?:\\.{3})?"[^"\\n]{0,40}")' },
      { message: '(?:in JSON|after JSON)(?: at position \\d{1,12})?|is not valid JSON' },
    ],
    category: 'data',
    rootCause:
      'A text that is not JSON was parsed as JSON: the fault is near {excerpt|the position that the message names}.',
    suggestedFix:
      'Look at where the text comes from: a response that failed, a file in another format, single quotes, a trailing comma or a comment. Check before parsing, and put the source’s name into the error.',
    confidence: 60,
    needsCode: true,
  },
  {
    id: 'url/invalid',
    match: [
      { message: 'Failed to parse URL from (?<url>\\S{1,200})' },
      { code: 'ERR_INVALID_URL' },
      { name: 'TypeError', message: 'Invalid URL' },
    ],
    category: 'configuration',
    rootCause:
      'A text that is no absolute URL was used as one ({url|its value is not in the message}): the scheme is missing, or a variable that it is made of is not set.',
    suggestedFix:
      'Print the text before it is parsed; write https:// in front, and fail at start-up when a setting is missing.',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'url/protocol',
    match: [
      { message: 'Protocol "(?<protocol>[^"]{1,40})" not supported\\. Expected "(?<expected>[^"]{1,40})"' },
      { code: 'ERR_INVALID_PROTOCOL' },
    ],
    category: 'configuration',
    rootCause:
      'The protocol of the URL ({protocol|see the message}) does not fit the client, which expects {expected|another one}.',
    suggestedFix: 'Use the module (http or https) and agent that fit the URL, or correct the URL’s scheme.',
    confidence: 85,
  },
  {
    id: 'url/import-scheme',
    match: { code: 'ERR_UNSUPPORTED_ESM_URL_SCHEME' },
    category: 'bug',
    rootCause:
      'import() was given a path or URL whose scheme the loader does not support (on Windows a drive letter looks like one).',
    suggestedFix: 'Turn paths into URLs first: import(pathToFileURL(path)).',
    confidence: 88,
  },
];
