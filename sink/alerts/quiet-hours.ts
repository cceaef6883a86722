import type { Milliseconds, Timestamp } from '../../src/types.ts';
import type { QuietHours } from './webhook.ts';

const MINUTE: Milliseconds = 60_000;
const DAY_MINUTES = 1440;

/** The stretch of quiet hours that `now` lies in; undefined outside of them. */
export function quietStretch(
  { from, to, timeZone }: QuietHours,
  now: Timestamp,
): { readonly from: Timestamp; readonly until: Timestamp } | undefined {
  const local = minuteOfDay(now, timeZone);
  const begins = toMinute(from);
  const ends = toMinute(to);
  const isQuiet = begins < ends ? local >= begins && local < ends : local >= begins || local < ends;
  if (!isQuiet) return undefined;
  return {
    from: momentOf(begins, timeZone, now - ((local - begins + DAY_MINUTES) % DAY_MINUTES) * MINUTE),
    until: momentOf(ends, timeZone, now + ((ends - local + DAY_MINUTES) % DAY_MINUTES) * MINUTE),
  };
}

/**
 * The moment near `guess` at which the clocks there show that minute: they may be put forward or back in between. Where
 * they are put over it, the moment at which they are.
 */
function momentOf(minute: number, timeZone: string, guess: Timestamp): Timestamp {
  const whole = Math.floor(guess / MINUTE) * MINUTE;
  const missing = (at: Timestamp): number => {
    const half = DAY_MINUTES / 2;
    return ((minute - minuteOfDay(at, timeZone) + half + DAY_MINUTES) % DAY_MINUTES) - half;
  };
  let moment = whole + missing(whole) * MINUTE;
  while (missing(moment) > 0) moment += MINUTE;
  return moment;
}

function toMinute(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(now: Timestamp, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  return toMinute(format.format(now));
}
