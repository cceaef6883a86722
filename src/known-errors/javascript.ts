import type { RuleDefinition } from '../rule-definition.ts';

/**
 * What V8 and Node's own functions throw. Most of these are faults of the program, so the code decides:
 * the confidence says how far one gets without it.
 */
export const javascriptErrors: readonly RuleDefinition[] = [
  {
    id: 'js/read-property-of-nullish',
    match: [
      {
        message:
          "Cannot read properties of (?<value>undefined|null) \\(reading '(?<property>[^']{1,100})'\\)",
      },
      { message: "Cannot read property '(?<property>[^']{1,100})' of (?<value>undefined|null)" },
      { message: 'Cannot read properties of (?<value>undefined|null)' },
    ],
    category: 'bug',
    rootCause:
      'Something was {value} where the code expected an object and read its property "{property|of unknown name}".',
    suggestedFix:
      'Find why the value is {value}: nothing found in a look-up, an optional field left out, a missing await. Handle that case where it arises; `?.` here only moves the fault.',
    confidence: 40,
    nextSteps: [
      'Look at what stands before ".{property|…}" in the topmost line of your own code in the stack.',
    ],
    needsCode: true,
  },
  {
    id: 'js/set-property-of-nullish',
    match: [
      {
        message: "Cannot set properties of (?<value>undefined|null) \\(setting '(?<property>[^']{1,100})'\\)",
      },
      { message: "Cannot set property '(?<property>[^']{1,100})' of (?<value>undefined|null)" },
    ],
    category: 'bug',
    rootCause:
      'The code set the property "{property}" on something that was {value}: the object was never made or not found.',
    suggestedFix: 'Create the object before it is filled, or handle the case that it is missing.',
    confidence: 42,
    needsCode: true,
  },
  {
    id: 'js/destructure-nullish',
    match: [
      {
        message:
          "Cannot destructure property '(?<property>[^']{1,100})' of '(?<source>[^']{1,100})' as it is (?<value>undefined|null)",
      },
      { message: "Cannot destructure '(?<source>[^']{1,100})' as it is (?<value>undefined|null)" },
    ],
    category: 'bug',
    rootCause: '"{source}" was {value} when the code took {property|properties} out of it.',
    suggestedFix:
      'Pass the object, or give the parameter a default ({ … } = {}). For a request’s body: without a body parser, or with another content type, it is undefined.',
    confidence: 50,
    needsCode: true,
  },
  {
    id: 'js/not-iterable',
    match: [
      { message: '(?<value>\\S{1,120}) is not a function or its return value is not iterable' },
      { message: '(?<value>\\S{1,120}) is not (?:async )?iterable' },
      { message: 'Spread syntax requires \\.\\.\\.iterable' },
    ],
    category: 'bug',
    rootCause:
      '{value|the value} is no array (or other iterable), but the code loops over, spreads or destructures it.',
    suggestedFix:
      'Make sure that it is an array: often it is undefined, a promise without await, or an object with the array in a field.',
    confidence: 40,
    needsCode: true,
  },
  {
    id: 'js/not-a-function',
    match: { message: '(?<callee>\\S{1,120}) is not a function' },
    category: 'bug',
    rootCause:
      '{callee} is not a function: the name is wrong, the value is something else than expected, or the import is.',
    suggestedFix:
      'Check what {callee} really is at that line: a misspelt method, a default import in place of a named one, a missing await, an array method on something that is no array.',
    confidence: 38,
    needsCode: true,
  },
  {
    id: 'js/not-a-constructor',
    match: { message: '(?<callee>\\S{1,120}) is not a constructor' },
    category: 'bug',
    rootCause:
      '{callee} was called with new, but is no class: usually the import gives something else than expected.',
    suggestedFix:
      'Compare named and default import with what the module exports; a circular import gives undefined at first.',
    confidence: 48,
    needsCode: true,
  },
  {
    id: 'js/class-without-new',
    match: { message: "Class constructor (?<callee>\\S{1,120}) cannot be invoked without 'new'" },
    category: 'bug',
    rootCause: 'The class {callee} was called as a function.',
    suggestedFix:
      'Write new {callee}(…). If a library does it, the code is compiled to ES5 while the class is native: raise the compile target.',
    confidence: 72,
    needsCode: true,
  },
  {
    id: 'js/temporal-dead-zone',
    match: { message: "Cannot access '(?<variable>[^']{1,100})' before initialization" },
    category: 'bug',
    rootCause:
      '"{variable}" was used before its let, const or class line had run: order of statements, or modules that import each other.',
    suggestedFix:
      'Move the declaration up; if it is imported, break the circle of imports (npx madge --circular shows it).',
    confidence: 58,
    needsCode: true,
  },
  {
    id: 'js/commonjs-name-in-esm',
    match: {
      message:
        '(?<variable>require|module|exports|__dirname|__filename) is not defined(?: in ES module scope)?',
    },
    category: 'configuration',
    rootCause: 'The file runs as an ES module, where {variable} does not exist.',
    suggestedFix:
      'Use import, export and import.meta.dirname / import.meta.filename, or name the file .cjs (or drop "type": "module").',
    confidence: 88,
  },
  {
    id: 'js/not-defined',
    match: { message: '(?<variable>[\\w$]{1,100}) is not defined' },
    category: 'bug',
    rootCause:
      'The name "{variable}" does not exist in that scope: a typo, a missing import, or a global of another runtime (browser, newer Node).',
    suggestedFix: 'Declare or import {variable}; a linter (no-undef) or type check finds all such places.',
    confidence: 62,
    needsCode: true,
  },
  {
    id: 'js/assign-to-constant',
    match: { message: 'Assignment to constant variable' },
    category: 'bug',
    rootCause: 'The code assigns to a const.',
    suggestedFix: 'Declare it with let, or use a new variable.',
    confidence: 72,
    needsCode: true,
  },
  {
    id: 'js/assign-to-read-only',
    match: [
      { message: "Cannot assign to read only property '(?<property>[^']{1,100})' of object" },
      { message: 'Cannot add property (?<property>\\S{1,100}), object is not extensible' },
      { message: 'Cannot set property (?<property>\\S{1,100}) of \\S{1,100} which has only a getter' },
    ],
    category: 'bug',
    rootCause: 'The code changes "{property}" of an object that is frozen, sealed or read-only.',
    suggestedFix: 'Make a changed copy ({ ...object, {property}: … }) in place of changing the original.',
    confidence: 60,
    needsCode: true,
  },
  {
    id: 'js/circular-json',
    match: [
      {
        message:
          "Converting circular structure to JSON[^]{0,200}starting at object with constructor '(?<class>[^']{1,80})'",
      },
      { message: 'Converting circular structure to JSON' },
    ],
    category: 'bug',
    rootCause: 'An object that refers back to itself (it starts at a {class|object}) was turned into JSON.',
    suggestedFix:
      'Serialise only the fields that are needed. Usual culprits: a whole request, response, socket, Axios error or ORM entity in a response or log call.',
    confidence: 70,
    needsCode: true,
  },
  {
    id: 'js/bigint-json',
    match: { message: 'Do not know how to serialize a BigInt' },
    category: 'bug',
    rootCause:
      'A BigInt was turned into JSON, which has no such type (often a 64-bit id or count from a database).',
    suggestedFix:
      'Convert it to a string (or number, where it is small) before JSON.stringify, or pass a replacer.',
    confidence: 82,
    needsCode: true,
  },
  {
    id: 'js/bigint-mix',
    match: { message: 'Cannot mix BigInt and other types' },
    category: 'bug',
    rootCause: 'A BigInt and a number were used in one calculation.',
    suggestedFix:
      'Convert one of them explicitly: BigInt(number), or Number(bigint) where it is small enough.',
    confidence: 74,
    needsCode: true,
  },
  {
    id: 'js/stack-overflow',
    match: { message: 'Maximum call stack size exceeded' },
    category: 'bug',
    rootCause:
      'A function called itself (directly, through others, a getter or a proxy) without end, or too deep for the stack.',
    suggestedFix:
      'Give the recursion an end: a base case, a check for cycles in the data. Spreading a huge array into arguments (push(...big)) ends like this as well: use a loop.',
    confidence: 58,
    nextSteps: ['The function that repeats at the top of the stack is the one.'],
    needsCode: true,
  },
  {
    id: 'js/invalid-array-length',
    match: { name: 'RangeError', message: 'Invalid array length' },
    category: 'bug',
    rootCause:
      'An array was made with a length that is negative, fractional, not a number or above 4,294,967,295.',
    suggestedFix: 'Check the number that is used as the length.',
    confidence: 62,
    needsCode: true,
  },
  {
    id: 'js/invalid-date',
    match: { name: 'RangeError', message: 'Invalid time value' },
    category: 'data',
    rootCause: 'A date that could not be parsed (Invalid Date) was formatted.',
    suggestedFix: 'Validate the input of new Date(…) first: Number.isNaN(date.getTime()) tells.',
    confidence: 70,
    needsCode: true,
  },
  {
    id: 'js/intl',
    match: [
      {
        message:
          'Invalid (?<what>currency code|language tag|time zone specified|unit argument for \\S{1,40})\\s?: (?<value>[^]{1,60})',
      },
      { message: 'Incorrect locale information provided' },
    ],
    category: 'data',
    rootCause: 'Intl was given a {what|locale} that does not exist: {value|see where it comes from}.',
    suggestedFix:
      'Validate it where it comes in, and fall back to a default (locales look like de-DE, currencies like EUR).',
    confidence: 80,
    needsCode: true,
  },
  {
    id: 'js/to-fixed-range',
    match: {
      name: 'RangeError',
      message: '(?<method>to\\w{5,10}\\(\\)) (?:digits|argument|precision|radix)[^]{0,20}must be between',
    },
    category: 'bug',
    rootCause: '{method} was given an argument out of its range.',
    suggestedFix: 'Bound the argument before the call.',
    confidence: 70,
    needsCode: true,
  },
  {
    id: 'js/reduce-of-empty',
    match: { message: 'Reduce of empty array with no initial value' },
    category: 'bug',
    rootCause: 'reduce was called on an empty array without a start value.',
    suggestedFix: 'Pass a start value as the second argument, or handle the empty array first.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'js/uri-malformed',
    match: { message: 'URI malformed' },
    category: 'data',
    rootCause:
      'decodeURIComponent was given a text with a broken percent sequence (or encodeURIComponent a lone surrogate), often from a request’s URL.',
    suggestedFix: 'Catch it and answer 400: the input is not valid.',
    confidence: 80,
  },
  {
    id: 'js/invalid-regexp',
    match: { message: 'Invalid regular expression:? (?<pattern>[^]{0,100})' },
    category: 'bug',
    rootCause: 'A regular expression could not be compiled: {pattern|its source is not valid}.',
    suggestedFix:
      'Escape text that comes from users before it is put into a pattern, or compare strings without one.',
    confidence: 68,
    needsCode: true,
  },
  {
    id: 'js/in-operator',
    match: { message: "Cannot use 'in' operator to search for '(?<property>[^']{0,100})' in" },
    category: 'bug',
    rootCause:
      'The code asked whether "{property}" is in something that is no object (a string, undefined, …).',
    suggestedFix: 'Check the type first; often JSON text was not parsed, or parsed to a plain value.',
    confidence: 55,
    needsCode: true,
  },
  {
    id: 'js/to-object',
    match: { message: 'Cannot convert undefined or null to object' },
    category: 'bug',
    rootCause: 'Object.keys, Object.entries, Object.assign or the like was given undefined or null.',
    suggestedFix: 'Find why the value is missing, or pass {} in its place where that is right.',
    confidence: 52,
    needsCode: true,
  },
  {
    id: 'js/iterator-protocol',
    match: { message: '(?<value>\\S{1,100}) is not an? (?:async )?(?:iterator|iterable)' },
    category: 'bug',
    rootCause: '{value} was used as an iterator, but is none.',
    suggestedFix: 'Check what the function returns: a promise of an array needs await first.',
    confidence: 45,
    needsCode: true,
  },
  {
    id: 'js/private-member',
    match: {
      message:
        'Cannot (?:read|write) private member (?<member>#[\\w$]{1,80}) (?:from|to) an object whose class did not declare it',
    },
    category: 'bug',
    rootCause:
      'A method that uses {member} was called on another object: it lost its "this", or runs on a proxy or copy.',
    suggestedFix: 'Call it on the instance: bind it, or wrap it in an arrow function when it is passed on.',
    confidence: 68,
    needsCode: true,
  },
  {
    id: 'js/all-promises-rejected',
    match: { message: 'All promises were rejected' },
    category: 'unknown',
    rootCause: 'Promise.any failed, because every one of its promises was rejected.',
    suggestedFix: 'Look at the aggregated errors: each says why its own attempt failed.',
    confidence: 30,
    needsCode: true,
  },
  {
    id: 'node/invalid-arg-type',
    match: [
      {
        message:
          'The "(?<argument>[^"]{1,80})" (?:argument|property) must be (?<expected>[^.]{1,120})\\. Received (?<received>[^]{1,60})',
      },
      { code: 'ERR_INVALID_ARG_TYPE' },
    ],
    category: 'bug',
    rootCause:
      'A function of Node was given {received|a value of the wrong type} as "{argument|an argument}", which must be {expected|of another type}.',
    suggestedFix:
      'Follow the value back to where it should have been set; for a path or URL it is often a missing environment variable.',
    confidence: 52,
    needsCode: true,
  },
  {
    id: 'node/invalid-arg-value',
    match: [
      { code: 'ERR_INVALID_ARG_VALUE', message: "The (?:argument|property) '(?<argument>[^']{1,80})'" },
      { code: 'ERR_INVALID_ARG_VALUE' },
    ],
    category: 'bug',
    rootCause: 'A function of Node was given a value that it cannot use as "{argument|an argument}".',
    suggestedFix: 'Compare the value with what the function documents, and validate it where it comes in.',
    confidence: 55,
    needsCode: true,
  },
  {
    id: 'node/socket-bad-port',
    match: [
      { message: 'should be >= 0 and < 65536\\. Received (?<received>[^]{1,60})' },
      { code: 'ERR_SOCKET_BAD_PORT' },
    ],
    category: 'configuration',
    rootCause: 'The port is no number from 0 to 65535: it was {received|something else}.',
    suggestedFix: 'Check the variable that holds the port (PORT is a text: Number(process.env.PORT)).',
    confidence: 85,
  },
  {
    id: 'node/out-of-range',
    match: [
      {
        message:
          'The value of "(?<argument>[^"]{1,80})" is out of range\\. It must be (?<expected>[^.]{1,100})\\. Received (?<received>[^]{1,60})',
      },
      { code: 'ERR_OUT_OF_RANGE' },
    ],
    category: 'bug',
    rootCause:
      '"{argument|An argument}" was {received|out of range}; it must be {expected|within its limits}.',
    suggestedFix: 'Check the calculation that the number comes from, and bound it where it comes in.',
    confidence: 58,
    needsCode: true,
  },
  {
    id: 'node/assertion',
    match: { code: 'ERR_ASSERTION' },
    category: 'bug',
    rootCause: 'An assertion in the code does not hold.',
    suggestedFix: 'See what the assertion demands and which caller breaks it.',
    confidence: 35,
    needsCode: true,
  },
  {
    id: 'node/too-many-listeners',
    match: [
      {
        message:
          'EventEmitter memory leak detected\\. (?<count>\\d{1,6}) (?<event>[^ ]{1,60}) listeners added',
      },
      { name: 'MaxListenersExceededWarning' },
    ],
    category: 'resource',
    rootCause:
      'One emitter has {count|too many} {event|equal} listeners: they are added again and again (per request, per retry) and never removed.',
    suggestedFix:
      'Add the listener once, outside the loop or request, or remove it when it is done (once, off, an AbortSignal).',
    confidence: 80,
    needsCode: true,
  },
  {
    id: 'node/unhandled-rejection',
    match: { code: 'ERR_UNHANDLED_REJECTION' },
    category: 'bug',
    rootCause: 'A promise was rejected with something that is no Error, and nobody handled it.',
    suggestedFix: 'Throw Error objects, so that there is a stack; await the promise or add a catch.',
    confidence: 55,
    needsCode: true,
  },
  {
    id: 'node/unhandled-error-event',
    match: { code: 'ERR_UNHANDLED_ERROR' },
    category: 'bug',
    rootCause: 'An EventEmitter emitted "error" with something that is no Error, and nobody listened.',
    suggestedFix: 'Add an "error" listener to that emitter, and emit Error objects.',
    confidence: 62,
    needsCode: true,
  },
  {
    id: 'node/structured-clone',
    match: [
      { name: 'DataCloneError', message: '(?<value>[^]{1,80}) could not be cloned' },
      { name: 'DataCloneError' },
    ],
    category: 'bug',
    rootCause:
      'Something that cannot be copied between threads ({value|a function, class instance or stream}) was sent to a worker or cloned.',
    suggestedFix: 'Send plain data only; make functions and connections inside the worker.',
    confidence: 80,
    needsCode: true,
  },
];
