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

/** The moment near `guess` at which the clocks there show that minute: they may be put forward or back in between. */
function momentOf(minute: number, timeZone: string, guess: Timestamp): Timestamp {
  const whole = Math.floor(guess / MINUTE) * MINUTE;
  const shown = minuteOfDay(whole, timeZone);
  const half = DAY_MINUTES / 2;
  const off = ((minute - shown + half + DAY_MINUTES) % DAY_MINUTES) - half;
  return whole + off * MINUTE;
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
