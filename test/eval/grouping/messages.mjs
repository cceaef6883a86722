/** Names that people and machines have, without a digit that would give them away. */
const NAMES = [
  'mercury',
  'venus',
  'pluto',
  'nginx',
  'mysql',
  'sshd',
  'uucp',
  'zeppelin',
  'kestrel',
  'osprey',
];

/**
 * Log messages without a stack, by the program that would write them. Each entry is one template; `v` holds what
 * varies. The names are what only the similar tier can tell from words.
 */
export const MESSAGES = {
  web: [
    (v) => `GET /orders/${v.id} answered 500 after ${v.number} ms`,
    () => `Request failed with status code 404`,
    () => `Request failed with status code 502`,
    (v) => `client ${v.ip} closed connection after ${v.number}.${v.number}s (${v.number} bytes sent)`,
    (v) => `upstream http://${v.ip}:8080/api/${v.hex} timed out`,
    (v) => `Rejected event: {"id":"${v.uuid}","type":"order.created","amount":${v.number}}`,
    (v) => `Rejected refund: {"id":"${v.uuid}","type":"refund.created","amount":${v.number}}`,
    (v) => `Socket ${v.hex} closed with code 1006 after ${v.number}s`,
    (v) => `Socket ${v.hex} closed with code 4401 after ${v.number}s`,
    (v) => `Token rejected: ${v.hex}.${v.hex}.${v.hex} signature mismatch`,
    (v) => `Rate limit of ${v.number} per minute reached for key ${v.hex}`,
    () => `Body cannot be empty when content-type is set to 'application/json'`,
    (v) => `Unsupported Media Type: ${v.pick(['text/csv', 'application/xml', 'image/png'])}`,
    (v) => `session opened for user ${v.pick(NAMES)} by (uid=${v.number})`,
    (v) => `session closed for user ${v.pick(NAMES)}`,
  ],
  queue: [
    (v) => `Job nightly-rollup scheduled for ${v.time} missed its window by ${v.number}m ${v.number % 60}s`,
    (v) => `Job nightly-rollup skipped: run ${v.hex} still active since ${v.date}`,
    (v) => `worker ${v.number} received ${v.number} of ${v.number + 4} messages from queue orders`,
    (v) => `message ${v.uuid} moved to the dead letter queue after ${v.number} attempts`,
    (v) => `consumer ${v.pick(NAMES)} lost partition ${v.number} of topic orders in the cluster`,
    (v) => `offsets (${v.list}) are out of range`,
    (v) => `heartbeat of ${v.ip}:${v.number} is ${v.number} ms late, limit is ${v.number} ms`,
    () => `LEADING`,
    () => `FOLLOWING`,
    (v) => `state of partition ${v.number} changed to ONLINE`,
    (v) => `state of partition ${v.number} changed to OFFLINE`,
    (v) => `Rebalance ${v.hex} started with ${v.number} members`,
    (v) => `Rebalance ${v.hex} finished with ${v.number} members`,
  ],
  storage: [
    (v) =>
      `Slow query (${v.number}ms): SELECT id, total FROM orders WHERE id IN (${v.list}) AND tenant = '${v.uuid}'`,
    (v) =>
      `Slow query (${v.number}ms): SELECT id, email FROM customers WHERE id IN (${v.list}) AND tenant = '${v.uuid}'`,
    (v) =>
      `Heap used ${v.number}.1 MB of ${v.pick(['512 MB', '2 GB'])} (${v.number % 100}%) in worker ${v.number}`,
    (v) =>
      `Disk usage on /dev/nvme${v.number % 9}n1 at ${v.number % 100}.4% (${v.number},807,126 inodes free)`,
    (v) => `block blk_-${v.number}${v.number} of size ${v.number} received from /${v.ip}`,
    (v) => `Deleting block blk_${v.number} file /mnt/data/current/subdir${v.number}/blk_${v.number}`,
    (v) => `ask ${v.ip}:50010 to delete ${v.blocks}`,
    (v) => `ENOSPC: no space left on device, write '/data/${v.hex}/segment-${v.number}.log'`,
    (v) => `checksum of ${v.hex} is 0x${v.hex}, expected 0x${v.hex}`,
    (v) => `replica on ${v.pick(NAMES)} is behind the primary by ${v.number} bytes`,
    (v) =>
      `vis=${v.hex} mask=ffffffff old=${v.number} new=${v.hex} bounds=Rect(0, 0 - ${v.number}, ${v.number})`,
    (v) => `snapshot ${v.hex} written in ${v.number} ms`,
    (v) => `snapshot ${v.hex} restored in ${v.number} ms`,
  ],
};
