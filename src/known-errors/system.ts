import type { RuleDefinition } from '../rule-definition.ts';

/** What usually listens at a well-known port. */
const SERVICES: readonly (readonly [port: string, id: string, service: string, start: string])[] = [
  ['5432', 'postgresql', 'PostgreSQL', 'DATABASE_URL (or PGHOST and PGPORT)'],
  ['3306', 'mysql', 'MySQL', 'the database host setting'],
  ['6379', 'redis', 'Redis', 'REDIS_URL'],
  ['27017', 'mongodb', 'MongoDB', 'MONGODB_URI'],
  ['9092', 'kafka', 'Kafka', 'the broker list'],
  ['5672', 'rabbitmq', 'RabbitMQ', 'AMQP_URL'],
  ['9200', 'elasticsearch', 'Elasticsearch', 'the node URL'],
  ['4566', 'localstack', 'LocalStack', 'AWS_ENDPOINT_URL'],
];

const serviceRefused: readonly RuleDefinition[] = SERVICES.map(([port, id, service, setting]) => ({
  id: `node/econnrefused-${id}`,
  match: { message: `ECONNREFUSED (?<address>[^\\s,]{1,200}):(?<port>${port})\\b` },
  category: 'network',
  rootCause: `Nothing accepts connections at {address}:{port}, where ${service} usually listens: it is not running there, or the application looks for it in the wrong place.`,
  suggestedFix: `Start ${service}, or point ${setting} at the host where it runs. Inside a container, localhost is the container itself: use the service's name.`,
  confidence: 92,
  nextSteps: [
    'Try it from the same machine or container: nc -vz {address} {port}',
    `Check that ${service} listens on an address that this process can reach, not only on its own loopback.`,
    'At start-up, wait for the dependency or retry: it may only be slower than this application.',
  ],
}));

/** Errors of the operating system, by their codes: https://nodejs.org/api/errors.html#common-system-errors */
export const systemErrors: readonly RuleDefinition[] = [
  ...serviceRefused,
  {
    id: 'node/econnrefused',
    match: [
      { message: 'ECONNREFUSED (?<address>[^\\s,]{1,200}):(?<port>\\d{1,5})\\b' },
      { message: 'ECONNREFUSED (?<address>/[^\\s,]{1,200})' },
      { code: 'ECONNREFUSED' },
    ],
    category: 'network',
    rootCause:
      'Nothing accepts connections at {address|the address}:{port|the port of the other side}: that service is not running there, or the address is wrong.',
    suggestedFix:
      'Start the service, or correct the host and port in the configuration. Inside a container, localhost is the container itself: use the name of the service.',
    confidence: 92,
    nextSteps: [
      'Try it from the same machine or container: nc -vz {address|<host>} {port|<port>}',
      'If the service has just been restarted, retry with backoff: it was refused at once, not lost on the way.',
    ],
  },
  {
    id: 'node/enotfound',
    match: [{ message: '(?:ENOTFOUND|EAI_NONAME) (?<host>[^\\s,]{1,253})' }, { code: 'ENOTFOUND' }],
    category: 'network',
    rootCause: 'The host name "{host|of the other side}" does not exist in DNS as this machine sees it.',
    suggestedFix:
      'Correct the host name in the configuration (a typo, a scheme or a port inside the host, a name of another environment or container network are the usual faults).',
    confidence: 90,
    nextSteps: [
      'Resolve it from the same machine or container: getent hosts {host|<host>}',
      'If it worked before, check the network, VPN and DNS settings of the machine.',
    ],
  },
  {
    id: 'node/eai-again',
    match: [{ message: 'EAI_AGAIN (?<host>[^\\s,]{1,253})' }, { code: 'EAI_AGAIN' }],
    category: 'network',
    rootCause:
      'The DNS server gave no answer for "{host|the host}": a temporary failure of name resolution, not a wrong name as such.',
    suggestedFix:
      'Check that the machine or container reaches its DNS server (/etc/resolv.conf, network policy, CoreDNS), and retry such calls with backoff.',
    confidence: 85,
    nextSteps: [
      'In Docker, a name of a container that is not (or no longer) on the same network ends like this too.',
    ],
  },
  {
    id: 'node/eaddrinuse',
    match: [
      { message: 'EADDRINUSE: address already in use (?<address>\\S{0,100}?):(?<port>\\d{1,5})\\b' },
      { code: 'EADDRINUSE' },
    ],
    category: 'configuration',
    rootCause:
      'Port {port|which was asked for} is taken: another process, often an older instance of this application, listens on it.',
    suggestedFix: 'Stop the other process, or listen on another port.',
    confidence: 93,
    nextSteps: [
      'Find it: lsof -i :{port|<port>} (or ss -ltnp)',
      'If it is an older instance, see why it did not end: a handler of SIGTERM that never closes the server, or a watcher that starts twice.',
    ],
  },
  {
    id: 'node/eaddrnotavail',
    match: [
      { message: 'EADDRNOTAVAIL:? \\D{0,60}(?<address>[\\d.]{7,15}|[\\da-fA-F:]{3,39}):' },
      { code: 'EADDRNOTAVAIL' },
    ],
    category: 'configuration',
    rootCause:
      'The address {address|that was asked for} belongs to no network interface of this machine, or all local ports are used up.',
    suggestedFix:
      'Listen on 0.0.0.0 (or ::), or on an address that this machine has; for outgoing calls, reuse connections (keep-alive).',
    confidence: 78,
  },
  {
    id: 'node/econnaborted-timeout',
    match: [
      { code: ['ECONNABORTED', 'ETIMEDOUT'], message: 'timeout of (?<duration>\\d{1,9} ?ms) exceeded' },
      { message: 'timeout of (?<duration>\\d{1,9} ?ms) exceeded' },
    ],
    category: 'timeout',
    rootCause: 'The other side did not answer within {duration}, the limit that the caller had set.',
    suggestedFix:
      'Find out why it is slow (its own logs and dependencies); only if such times are normal for it, raise the limit. Retry only what is safe to repeat.',
    confidence: 78,
    nextSteps: ['Compare the duration with the usual response time of that call.'],
  },
  {
    id: 'node/etimedout',
    match: [
      { message: 'connect ETIMEDOUT (?<address>[^\\s,]{1,200}):(?<port>\\d{1,5})' },
      { message: 'Connection timed out' },
      { code: 'ETIMEDOUT' },
    ],
    category: 'timeout',
    rootCause:
      'No answer came from {address|the other side}:{port|its port}: packets are dropped on the way (firewall, security group, wrong network), or the host is down or overloaded.',
    suggestedFix:
      'Allow the connection in the firewall or security group, or correct the address. A host that is up but does not listen would refuse at once, so look at the way there first.',
    confidence: 80,
    nextSteps: ['Try it from the same machine or container: nc -vz -w 5 {address|<host>} {port|<port>}'],
  },
  {
    id: 'node/ehostunreach',
    match: [
      { message: '(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN) (?<address>[^\\s,]{1,200}):(?<port>\\d{1,5})' },
      { code: ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN'] },
    ],
    category: 'network',
    rootCause: 'There is no route from this machine to {address|the other side} ({code}).',
    suggestedFix:
      'Check the network: interface and VPN up, right subnet or VPC, routing table. For an IPv6 address on a network without IPv6, prefer IPv4 (node --dns-result-order=ipv4first).',
    confidence: 84,
  },
  {
    id: 'node/socket-hang-up',
    match: { message: 'socket hang up|other side closed' },
    category: 'network',
    rootCause: 'The other side closed the connection before it had answered.',
    suggestedFix:
      'Look at the log of the other side for a crash or restart at this moment. If it happens on idle connections only, its keep-alive timeout is shorter than the client’s: lower the client’s, or retry once.',
    confidence: 68,
    nextSteps: ['A proxy or load balancer in between closes connections too: compare its idle timeout.'],
  },
  {
    id: 'node/econnreset',
    match: [{ message: '(?<call>read|write) ECONNRESET' }, { code: 'ECONNRESET' }],
    category: 'network',
    rootCause: 'The other side (or a proxy between) cut the connection during a {call|transfer}.',
    suggestedFix:
      'Look at the log of the other side for a crash, restart or rejected request at this moment; retry what is safe to repeat, on a fresh connection.',
    confidence: 68,
    nextSteps: [
      'If it happens after idle time, the server’s keep-alive timeout is shorter than the client’s.',
    ],
  },
  {
    id: 'node/epipe',
    match: { code: 'EPIPE' },
    category: 'network',
    rootCause: 'The process wrote to a connection or pipe whose reader had already gone.',
    suggestedFix:
      'Stop writing when the other side closes (handle the stream’s "close" and "error"). When it is a client that went away, log it below error level.',
    confidence: 75,
  },
  {
    id: 'node/emfile',
    match: { code: ['EMFILE', 'ENFILE'] },
    category: 'resource',
    rootCause:
      'The process has as many files and sockets open as it may ({code}): something opens them faster than it closes them.',
    suggestedFix:
      'Find what is not closed (file handles without close, clients created per request), and limit parallel work. Raise ulimit -n only if the number is justified.',
    confidence: 82,
    nextSteps: ["Count what is open: ls -l /proc/<pid>/fd | awk '{print $NF}' | sort | uniq -c | sort -n"],
    needsCode: true,
  },
  {
    id: 'node/enospc-watchers',
    match: { message: 'System limit for number of file watchers reached' },
    category: 'resource',
    rootCause:
      'The system’s limit of watched files is reached: a watcher observes too many (often node_modules).',
    suggestedFix:
      'Exclude node_modules and build output from watching, or raise fs.inotify.max_user_watches.',
    confidence: 93,
  },
  {
    id: 'node/enospc',
    match: [
      { message: "ENOSPC: no space left on device, (?<call>\\w{1,20})(?: '(?<path>[^']{1,500}))?" },
      { code: 'ENOSPC' },
    ],
    category: 'resource',
    rootCause: 'The disk is full: there is no space left to {call|write} "{path|the file}".',
    suggestedFix:
      'Free space or enlarge the volume, then find what fills it (logs, temporary files, uploads) and bound that.',
    confidence: 93,
    nextSteps: ['df -h and df -i (inodes run out too), then du -xh --max-depth=2 / | sort -h | tail'],
  },
  {
    id: 'node/edquot',
    match: { code: 'EDQUOT' },
    category: 'resource',
    rootCause: 'The disk quota of the user or container is used up.',
    suggestedFix: 'Free space within the quota, or have it raised.',
    confidence: 92,
  },
  {
    id: 'node/erofs',
    match: [
      { message: "EROFS: read-only file system, (?<call>\\w{1,20}) '(?<path>[^']{1,500})" },
      { code: 'EROFS' },
    ],
    category: 'configuration',
    rootCause: 'The process tried to write {path|a file} on a read-only file system.',
    suggestedFix: 'Write to a writable place: os.tmpdir() (/tmp on AWS Lambda), or a mounted volume.',
    confidence: 92,
  },
  {
    id: 'node/spawn-enoent',
    match: { message: 'spawn (?<command>\\S{1,300}) ENOENT' },
    category: 'configuration',
    rootCause:
      'The command "{command}" could not be started: it is not on the PATH (or the working directory given to it does not exist).',
    suggestedFix:
      'Install the program in this environment (image, server), or give its full path; check the option cwd as well.',
    confidence: 88,
    nextSteps: ['On the same machine or image: command -v {command}'],
  },
  {
    id: 'node/enoent-mkdir',
    match: { message: "ENOENT: no such file or directory, mkdir '(?<path>[^']{1,500})" },
    category: 'configuration',
    rootCause: 'The directory "{path}" could not be made, because the one above it does not exist.',
    suggestedFix:
      'Use mkdir(path, { recursive: true }), or create the parent where the application is installed.',
    confidence: 85,
  },
  {
    id: 'node/enoent',
    match: [
      { message: "ENOENT: no such file or directory, (?<call>\\w{1,20}) '(?<path>[^']{1,500})" },
      { code: 'ENOENT' },
    ],
    category: 'configuration',
    rootCause: 'The file or directory "{path|that was named}" does not exist ({call|the call} failed).',
    suggestedFix:
      'Create or deploy it, or correct the path. A relative path starts at the working directory of the process, not at the source file: build it from import.meta.dirname (or __dirname).',
    confidence: 62,
    nextSteps: ['See whether it is left out of the image or package (.dockerignore, "files", build output).'],
    needsCode: true,
  },
  {
    id: 'node/eacces-port',
    match: { message: 'listen EACCES: permission denied (?<address>\\S{0,100}?):(?<port>\\d{1,4})\\b' },
    category: 'configuration',
    rootCause: 'The process may not listen on port {port}: ports below 1024 are for privileged users.',
    suggestedFix:
      'Listen on a port from 1024 up (behind a proxy or port mapping), or give the program CAP_NET_BIND_SERVICE.',
    confidence: 92,
  },
  {
    id: 'node/eacces',
    match: [
      {
        message:
          "(?:EACCES: permission denied|EPERM: operation not permitted), (?<call>\\w{1,20}) '(?<path>[^']{1,500})",
      },
      { message: 'spawn (?<path>\\S{1,300}) EACCES' },
      { code: ['EACCES', 'EPERM'] },
    ],
    category: 'configuration',
    rootCause: 'The user that the process runs as has no permission for "{path|the resource}" ({code}).',
    suggestedFix:
      'Give that user the right on the file or directory (owner, mode, mounted volume), or write somewhere it may. For a program, set its executable bit.',
    confidence: 85,
    nextSteps: ['Compare: id of the process’s user, ls -ld of the path and of its parents.'],
  },
  {
    id: 'node/eisdir',
    match: [
      { message: "EISDIR: illegal operation on a directory, (?<call>\\w{1,20})(?: '(?<path>[^']{1,500}))?" },
      { code: 'EISDIR' },
    ],
    category: 'bug',
    rootCause: '"{path|The path}" is a directory, but it was used as a file ({call|a file operation}).',
    suggestedFix:
      'Pass the path of a file: often an empty or missing file name left only the directory of a joined path.',
    confidence: 72,
    needsCode: true,
  },
  {
    id: 'node/enotdir',
    match: [
      { message: "ENOTDIR: not a directory, (?<call>\\w{1,20}) '(?<path>[^']{1,500})" },
      { code: 'ENOTDIR' },
    ],
    category: 'bug',
    rootCause: 'A part of the path "{path|that was used}" is a file where a directory was expected.',
    suggestedFix: 'Correct the path, or remove the file that stands where the directory should be.',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'node/eexist',
    match: [
      { message: "EEXIST: file already exists, (?<call>\\w{1,20}) '(?<path>[^']{1,500})" },
      { code: 'EEXIST' },
    ],
    category: 'bug',
    rootCause:
      '"{path|The file or directory}" is already there, and {call|the call} was told not to replace it.',
    suggestedFix:
      'For directories use mkdir with recursive: true; for files decide between replacing (flag w) and a fresh name.',
    confidence: 75,
    needsCode: true,
  },
  {
    id: 'node/enotempty',
    match: [
      { message: "ENOTEMPTY: directory not empty, (?<call>\\w{1,20}) '(?<path>[^']{1,500})" },
      { code: 'ENOTEMPTY' },
    ],
    category: 'bug',
    rootCause:
      'The directory "{path|that was to be removed}" still holds files, or another process writes into it.',
    suggestedFix: 'Remove it with rm(path, { recursive: true, force: true, maxRetries: 3 }).',
    confidence: 80,
  },
  {
    id: 'node/exdev',
    match: { code: 'EXDEV' },
    category: 'bug',
    rootCause:
      'A file was renamed across two file systems (for example from /tmp to a mounted volume), which no system allows.',
    suggestedFix:
      'Copy and then delete it (cp, then rm), or write the temporary file next to its destination.',
    confidence: 92,
  },
  {
    id: 'node/ebusy',
    match: { code: ['EBUSY', 'ETXTBSY'] },
    category: 'resource',
    rootCause: 'The file or device is in use by another process ({code}).',
    suggestedFix: 'Wait until it is released, retry with backoff, or find who holds it open (lsof).',
    confidence: 78,
  },
  {
    id: 'node/e2big',
    match: { code: 'E2BIG' },
    category: 'bug',
    rootCause: 'A program was started with more arguments or environment than the system allows.',
    suggestedFix: 'Hand long input over through stdin or a file instead of arguments.',
    confidence: 88,
  },
  {
    id: 'node/enomem',
    match: { code: 'ENOMEM' },
    category: 'resource',
    rootCause: 'The system could not give the process the memory that it asked for.',
    suggestedFix:
      'Raise the memory of the machine or container, or find what uses it up (other processes count too).',
    confidence: 82,
  },
];
