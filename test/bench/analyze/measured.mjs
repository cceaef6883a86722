// Reads a log as `patrol analyze` does, the standard input without a name, and prints how fast and in how much memory.
import { scanLogs } from '../../../dist/sink/report/scan-logs.js';

const began = performance.now();
const scan = await scanLogs([{ name: process.argv[2] ?? '-', size: undefined }], { level: 'error' });
const seconds = (performance.now() - began) / 1000;
const { bytes, lines, records, folded, errors } = scan;
console.log(
  JSON.stringify({
    mbPerSecond: bytes / 1e6 / seconds,
    maxRssMb: process.resourceUsage().maxRSS / 1024,
    ...{ bytes, lines, records, folded, distinct: errors.length },
    counted: errors.reduce((sum, { count }) => sum + count, 0),
  }),
);
