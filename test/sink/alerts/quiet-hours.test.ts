import { describe, expect, it } from 'vitest';
import { quietStretch } from '../../../sink/alerts/quiet-hours.ts';

const night = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin' };
const at = (time: string) => Date.parse(time);
const shown = (stretch: ReturnType<typeof quietStretch>) =>
  stretch && [stretch.from, stretch.until].map((time) => new Date(time).toISOString());

describe('quiet hours', () => {
  it('go over midnight, by the clocks of their time zone', () => {
    const stretch = ['2026-01-14T21:00:00.000Z', '2026-01-15T06:00:00.000Z'];
    expect(shown(quietStretch(night, at('2026-01-14T21:00:00Z')))).toEqual(stretch);
    expect(shown(quietStretch(night, at('2026-01-15T02:34:56Z')))).toEqual(stretch);
    expect(quietStretch(night, at('2026-01-15T06:00:00Z'))).toBeUndefined();
    expect(quietStretch(night, at('2026-01-15T20:59:59Z'))).toBeUndefined();
  });

  it('may lie within a day', () => {
    const lunch = { from: '12:00', to: '13:30', timeZone: 'Asia/Kolkata' };
    expect(shown(quietStretch(lunch, at('2026-01-15T07:00:00Z')))).toEqual([
      '2026-01-15T06:30:00.000Z',
      '2026-01-15T08:00:00.000Z',
    ]);
    expect(quietStretch(lunch, at('2026-01-15T08:00:00Z'))).toBeUndefined();
  });

  it.each([
    ['forward', '2026-03-28T23:00:00Z', ['2026-03-28T21:00:00.000Z', '2026-03-29T05:00:00.000Z']],
    ['back', '2026-10-24T23:00:00Z', ['2026-10-24T20:00:00.000Z', '2026-10-25T06:00:00.000Z']],
  ])('end at the same time on the clock when it was put %s in between', (_, now, stretch) => {
    expect(shown(quietStretch(night, at(now)))).toEqual(stretch);
  });

  it('end when the clocks are put over their end', () => {
    const early = { ...night, to: '02:30' };
    const until = at('2026-03-29T01:00:00Z');
    expect(quietStretch(early, at('2026-03-29T00:00:00Z'))?.until).toBe(until);
    expect(quietStretch(early, until - 1000)?.until).toBe(until);
    expect(quietStretch(early, until)).toBeUndefined();
  });
});
