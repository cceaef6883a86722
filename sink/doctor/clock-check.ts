import type { Milliseconds } from '../../src/types.ts';
import { type Finding, findingsOf } from './finding.ts';

/** AWS refuses a request five minutes off; signed requests of Patrol's do, too. */
const MAX_SKEW: Milliseconds = 60_000;

/** The clock of this machine beside those of the servers that were asked. */
export function checkClock(clocks: ReadonlyMap<string, number>, now: number): Finding {
  const found = findingsOf('clock');
  const [worst] = [...clocks]
    .map(([server, offset]) => ({ server, offset }))
    .sort((a, b) => Math.abs(b.offset) - Math.abs(a.offset));
  if (!worst) return found.unused('No server was asked whose clock could be compared.');
  const seconds = Math.round(Math.abs(worst.offset) / 1000);
  if (Math.abs(worst.offset) <= MAX_SKEW)
    return found.ok(`It is ${new Date(now).toISOString()}, as ${worst.server} says, too.`);
  return found.failed(
    `The clock is ${seconds} s ${worst.offset > 0 ? 'behind' : 'ahead of'} that of ${worst.server}.`,
    'Switch time synchronisation (NTP) on: AWS and signed requests refuse a clock that is five minutes off.',
  );
}
