/**
 * Whether a pattern covers a whole text: `*` stands for any characters, `?` for one. Takes at most
 * `text × pattern` steps, whatever the two are: only the last `*` is ever gone back to, since giving an earlier one
 * more can lead nowhere that the last one cannot reach
 * (https://research.swtch.com/glob, "Glob Matching Can Be Simple And Fast Too").
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const expected = pattern[inPattern];
    if (expected === '*') {
      star = inPattern++;
      starAt = at;
    } else if (expected === '?' || expected === text[at]) {
      at++;
      inPattern++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
