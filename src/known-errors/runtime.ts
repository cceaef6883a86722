import type { RuleDefinition } from '../rule-definition.ts';

/** Modules, memory, workers, streams: what Node itself reports. */
export const runtimeErrors: readonly RuleDefinition[] = [
  {
    id: 'module/native-not-built',
    match: {
      message:
        'was compiled against a different Node\\.js version|Could not locate the bindings file|invalid ELF header|(?<file>\\S{1,200}\\.node): (?:cannot open shared object|wrong ELF class)',
    },
    category: 'dependency',
    rootCause: 'A native addon is missing or was built for another Node version or platform.',
    suggestedFix:
      'Install the dependencies on the platform that runs them (npm ci inside the image), or npm rebuild; do not copy node_modules across systems.',
    confidence: 90,
  },
  {
    id: 'module/file-missing',
    match: {
      message:
        "Cannot find module '(?<module>(?:\\.{1,2}/|/|[A-Za-z]:\\\\|file:)[^']{0,300})'(?: imported from (?<importer>\\S{1,300}))?",
    },
    category: 'dependency',
    rootCause: 'The file "{module}" is not there{importer|, although a module imports it}.',
    suggestedFix:
      'Correct the path (an import needs the extension, and letter case counts on Linux), or see that the build and the image contain the file.',
    confidence: 85,
  },
  {
    id: 'module/package-missing',
    match: [
      {
        message:
          "Cannot find (?:module|package) '(?<module>[^']{1,214})'(?: imported from (?<importer>\\S{1,300}))?",
      },
      { code: ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'] },
    ],
    category: 'dependency',
    rootCause: 'The package "{module|that is imported}" is not installed where the application runs.',
    suggestedFix:
      'Add it to "dependencies" (npm install {module|<package>}) and install again. Under "devDependencies", it is left out of a production install.',
    confidence: 90,
    nextSteps: ['npm ls {module|<package>} on the machine or image that fails shows whether it is there.'],
  },
  {
    id: 'module/require-esm',
    match: [{ code: 'ERR_REQUIRE_ESM' }, { message: 'require\\(\\) of ES Module (?<module>\\S{1,300})' }],
    category: 'dependency',
    rootCause: 'A CommonJS file requires {module|a package} that is an ES module.',
    suggestedFix:
      'Use await import(…), make the requiring file an ES module, run Node 20.19/22.12 or later (which can require ESM), or keep the package’s last CommonJS version.',
    confidence: 90,
  },
  {
    id: 'module/import-outside-module',
    match: { message: "Cannot use import statement outside a module|Unexpected token 'export'" },
    category: 'configuration',
    rootCause: 'A file with ES module syntax was loaded as CommonJS.',
    suggestedFix:
      'Set "type": "module" in the nearest package.json, name it .mjs, or compile it to CommonJS.',
    confidence: 88,
  },
  {
    id: 'module/named-export',
    match: [
      { message: "does not provide an export named '(?<export>[^']{1,100})'" },
      { message: "Named export '(?<export>[^']{1,100})' not found" },
    ],
    category: 'dependency',
    rootCause:
      'The imported module has no export "{export}": another version of the package, a CommonJS module, or a typo.',
    suggestedFix:
      'Look at what the installed version exports; from CommonJS, take the default import and destructure it.',
    confidence: 82,
  },
  {
    id: 'module/export-path',
    match: [
      {
        message:
          "Package subpath '(?<subpath>[^']{1,200})' is not defined by \"exports\" in (?<package>\\S{1,150})",
      },
      { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' },
    ],
    category: 'dependency',
    rootCause:
      'The package does not export the path {subpath|that is imported}: deep imports of its files are closed in this version.',
    suggestedFix:
      'Import a path that its package.json lists under "exports", or keep the version that allowed it.',
    confidence: 88,
  },
  {
    id: 'module/file-extension',
    match: [
      { message: 'Unknown file extension "(?<extension>[^"]{1,20})"' },
      { code: 'ERR_UNKNOWN_FILE_EXTENSION' },
    ],
    category: 'configuration',
    rootCause: 'Node was told to run a file of type {extension|that it does not know}.',
    suggestedFix:
      'Compile it first, or start Node with a loader (tsx for TypeScript); Node 22.18 and later strip types by themselves.',
    confidence: 88,
  },
  {
    id: 'module/directory-import',
    match: { code: 'ERR_UNSUPPORTED_DIR_IMPORT' },
    category: 'bug',
    rootCause: 'A directory is imported; ES modules want the file.',
    suggestedFix: 'Write the file’s name: import "./directory/index.js".',
    confidence: 90,
  },
  {
    id: 'module/import-attribute',
    match: { code: ['ERR_IMPORT_ATTRIBUTE_MISSING', 'ERR_IMPORT_ASSERTION_TYPE_MISSING'] },
    category: 'bug',
    rootCause: 'A JSON file is imported without saying so.',
    suggestedFix: "Write import data from './file.json' with { type: 'json' }.",
    confidence: 93,
  },
  {
    id: 'memory/heap',
    match: {
      message:
        'JavaScript heap out of memory|Reached heap limit|Ineffective mark-compacts near heap limit|Allocation failed',
    },
    category: 'resource',
    rootCause:
      'The process used up its JavaScript heap: too much data at once, or memory that is never released.',
    suggestedFix:
      'Read large data as a stream or in pages, and bound caches and queues. If the need is justified, raise --max-old-space-size below the container’s limit.',
    confidence: 80,
    nextSteps: ['Take a heap snapshot before the end: node --heapsnapshot-near-heap-limit=2'],
    needsCode: true,
  },
  {
    id: 'memory/worker',
    match: [
      { code: 'ERR_WORKER_OUT_OF_MEMORY' },
      { message: 'Worker terminated due to reaching memory limit' },
    ],
    category: 'resource',
    rootCause: 'A worker thread used up its memory limit.',
    suggestedFix: 'Give it less data at once, or raise resourceLimits.maxOldGenerationSizeMb of the worker.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'memory/buffer',
    match: [
      { message: 'Array buffer allocation failed|Invalid typed array length: (?<length>-?\\d{1,20})' },
      { code: ['ERR_MEMORY_ALLOCATION_FAILED', 'ERR_BUFFER_TOO_LARGE'] },
    ],
    category: 'resource',
    rootCause: 'A buffer could not be made: its size is wrong, or the memory is used up.',
    suggestedFix: 'Check the size that is asked for; process large data in chunks.',
    confidence: 70,
    needsCode: true,
  },
  {
    id: 'memory/string',
    match: [
      { message: 'Invalid string length|Cannot create a string longer than' },
      { code: ['ERR_STRING_TOO_LONG', 'ERR_FS_FILE_TOO_LARGE'] },
    ],
    category: 'resource',
    rootCause:
      'A text (or file read at once) is larger than a JavaScript string or buffer can be (about 512 MB, 2 GiB for files).',
    suggestedFix: 'Process it as a stream, line by line or in chunks.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'memory/map',
    match: { message: '(?<class>Map|Set) maximum size exceeded' },
    category: 'resource',
    rootCause: 'A {class} holds 16.7 million entries, the most it can: nothing is ever taken out.',
    suggestedFix: 'Bound it, for example with lru-cache.',
    confidence: 88,
    needsCode: true,
  },
  {
    id: 'worker/exit',
    match: { code: ['ERR_WORKER_NOT_RUNNING', 'ERR_WORKER_INIT_FAILED', 'ERR_WORKER_UNSERIALIZABLE_ERROR'] },
    category: 'bug',
    rootCause: 'A worker thread has failed or ended ({code}).',
    suggestedFix:
      'Listen to its "error" and "exit" events: they say why; start a new one where that is right.',
    confidence: 60,
    needsCode: true,
  },
  {
    id: 'worker/path',
    match: { code: 'ERR_WORKER_PATH' },
    category: 'bug',
    rootCause: 'A worker was started with a relative path or a scheme that it cannot load.',
    suggestedFix: 'Write new Worker(new URL("./worker.js", import.meta.url)).',
    confidence: 90,
  },
  {
    id: 'process/max-buffer',
    match: [
      { code: ['ERR_CHILD_PROCESS_STDIO_MAXBUFFER', 'ENOBUFS'] },
      { message: 'maxBuffer length exceeded' },
    ],
    category: 'resource',
    rootCause: 'A child process wrote more output than exec keeps (1 MiB unless set).',
    suggestedFix: 'Raise maxBuffer, or use spawn and read the output as a stream.',
    confidence: 90,
  },
  {
    id: 'process/command-failed',
    match: { message: 'Command failed(?: with exit code (?<status>\\d{1,3}))?: (?<command>[^\\n]{1,200})' },
    category: 'unknown',
    rootCause: 'The command "{command}" ended with an error.',
    suggestedFix:
      'Read its standard error, which the error holds as stderr; run it by hand in the same environment.',
    confidence: 50,
  },
  {
    id: 'stream/premature-close',
    match: [{ code: 'ERR_STREAM_PREMATURE_CLOSE' }, { message: '^Premature close$' }],
    category: 'network',
    rootCause:
      'A stream was closed before it had ended: the other side, or the code that reads it, went away in the middle.',
    suggestedFix:
      'For a client that disconnected, log it below error level. Else look for what destroys the stream: an earlier error, a timeout, a second pipeline.',
    confidence: 65,
    needsCode: true,
  },
  {
    id: 'stream/write-after-end',
    match: [
      { code: ['ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_ALREADY_FINISHED', 'ERR_STREAM_DESTROYED'] },
      { message: '^write after end$' },
    ],
    category: 'bug',
    rootCause:
      'The code wrote to a stream that had already been ended or destroyed ({code|write after end}).',
    suggestedFix: 'Await everything that still writes before end() is called, and stop writing on "close".',
    confidence: 62,
    needsCode: true,
  },
  {
    id: 'stream/push-after-eof',
    match: {
      code: ['ERR_STREAM_PUSH_AFTER_EOF', 'ERR_STREAM_UNSHIFT_AFTER_END_EVENT', 'ERR_STREAM_NULL_VALUES'],
    },
    category: 'bug',
    rootCause: 'A readable stream was given more data after its end (push(null)), or null as data ({code}).',
    suggestedFix: 'Push null once, after the last chunk; filter null and undefined from object streams.',
    confidence: 68,
    needsCode: true,
  },
  {
    id: 'stream/bad-zip',
    match: {
      message:
        'incorrect header check|unexpected end of file|invalid (?:stored block lengths|distance|block type)',
      code: ['Z_DATA_ERROR', 'Z_BUF_ERROR'],
    },
    category: 'data',
    rootCause: 'What should be decompressed is not compressed data of that kind, or is cut off.',
    suggestedFix:
      'Check that it is really gzip (content-encoding, first bytes 1f 8b) and complete; a body must not be decompressed twice.',
    confidence: 78,
  },
  {
    id: 'server/already-listening',
    match: { code: 'ERR_SERVER_ALREADY_LISTEN' },
    category: 'bug',
    rootCause: 'listen() was called twice on the same server.',
    suggestedFix: 'Call it once; tests import the app, not the module that starts it.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'server/not-running',
    match: { code: 'ERR_SERVER_NOT_RUNNING' },
    category: 'bug',
    rootCause: 'close() was called on a server that does not listen (any more).',
    suggestedFix: 'Close it once: check server.listening, or let one place handle shutdown.',
    confidence: 78,
    needsCode: true,
  },
  {
    id: 'crypto/equal-length',
    match: { code: 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH' },
    category: 'bug',
    rootCause:
      'timingSafeEqual was given two inputs of different length: often a signature that is missing or encoded differently.',
    suggestedFix:
      'Compare the lengths first and answer "no" when they differ; decode both from the same encoding.',
    confidence: 85,
    needsCode: true,
  },
  {
    id: 'crypto/decrypt',
    match: {
      message: 'Unsupported state or unable to authenticate data|bad decrypt|wrong final block length',
    },
    category: 'configuration',
    rootCause:
      'The data could not be decrypted: another key, IV or authentication tag than it was encrypted with, or damaged data.',
    suggestedFix: 'Check that both sides use the same key (rotation, environment) and encoding.',
    confidence: 75,
  },
  {
    id: 'lambda/timeout',
    match: { message: 'Task timed out after (?<duration>[\\d.]{1,10}) seconds' },
    category: 'timeout',
    rootCause: 'The Lambda function did not end within its limit of {duration} s.',
    suggestedFix:
      'See what it waited for (its last log line): often a connection that a VPC or security group blocks. Raise the limit only for work that really takes so long.',
    confidence: 70,
  },
  {
    id: 'lambda/memory',
    match: { message: 'Runtime exited with error: signal: killed|Runtime\\.OutOfMemory' },
    category: 'resource',
    rootCause: 'The Lambda function was killed because it used more memory than it is given.',
    suggestedFix: 'Raise its memory size, or handle less data at once.',
    confidence: 85,
  },
];
