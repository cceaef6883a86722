import { expect, test } from 'vitest';
import { RecentTexts } from '../../src/recent-texts.ts';

test('answers what was worked out for an equal text that came twice, without working it out again', () => {
  const recent = new RecentTexts<number>(64, 100);
  let worked = 0;
  const work = (text: string) => {
    worked++;
    return text.length;
  };
  for (const text of ['abc', 'abc', ['a', 'bc'].join(''), 'abc']) expect(recent.recall(text, work)).toBe(3);
  expect(worked).toBe(2);
});

test('tells texts apart that differ in a single character', () => {
  const recent = new RecentTexts<string>(16, 10_000);
  const texts = Array.from({ length: 200 }, (_, index) => `${'x'.repeat(3000)}${index}${'y'.repeat(3000)}`);
  for (const text of texts) expect(recent.recall(text, (value) => value)).toBe(text);
  for (const text of texts) expect(recent.recall(text, (value) => value)).toBe(text);
});

test('does not remember long texts, nor more than its size', () => {
  const recent = new RecentTexts<number>(16, 10);
  let worked = 0;
  const work = () => ++worked;
  for (let time = 0; time < 5; time++) recent.recall('x'.repeat(11), work);
  expect(worked).toBe(5);
  for (let index = 0; index < 1000; index++) recent.recall(`t${index}`, work);
  const before = worked;
  for (let index = 0; index < 1000; index++) recent.recall(`t${index}`, work);
  expect(worked - before).toBeGreaterThanOrEqual(1000 - 16);
});
