/**
 * Regular expressions from rules run over text that strangers write, so the work that one can cause is bounded
 * before it is accepted: the number of ways through it, from one starting point, may not exceed {@link MAX_WAYS}.
 * With that, matching takes at most `text length × MAX_WAYS` steps: linear in the text.
 */
const MAX_WAYS = 100_000;

/** Longest source of one expression, in characters. */
const MAX_SOURCE = 1000;

/**
 * Compiles an expression without flags.
 *
 * @throws {SyntaxError} when it is not one, refers back to a group, or could take more than linear time; the
 * message says what to write instead.
 */
export function compilePattern(source: string): RegExp {
  if (source.length > MAX_SOURCE) {
    throw new SyntaxError(`it is longer than ${MAX_SOURCE} characters: split it into several conditions`);
  }
  const pattern = new RegExp(source);
  if (waysThrough(source) > MAX_WAYS) {
    throw new SyntaxError(
      'it could take very long on a hostile text: bound its repetitions, for example {0,100} in place of * and {1,100} in place of +, and repeat no group that repeats something itself',
    );
  }
  return pattern;
}

/** The names of its groups. */
export function groupNames(source: string): readonly string[] {
  return [...source.matchAll(/\(\?<([A-Za-z_$][\w$]{0,60})>/g)].map((match) => match[1] ?? '');
}

/** In how many ways a valid expression can match from one starting point, at most; Infinity when unbounded. */
function waysThrough(source: string): number {
  let at = 0;

  const alternatives = (): number => {
    let sum = sequence();
    while (source[at] === '|') {
      at++;
      sum += sequence();
    }
    return sum;
  };

  const sequence = (): number => {
    let product = 1;
    while (at < source.length && source[at] !== '|' && source[at] !== ')') product *= repeated(atom());
    return product;
  };

  const atom = (): number => {
    const char = source[at++];
    if (char === '[') {
      while (source[at] !== ']') at += source[at] === '\\' ? 2 : 1;
      at++;
    } else if (char === '\\') {
      if (/[1-9k]/.test(source[at] ?? '')) {
        throw new SyntaxError('it refers back to a group: a rule cannot');
      }
      at++;
    } else if (char === '(') {
      at += /^\?(?:[:=!]|<[=!]|<\w{1,61}>)/.exec(source.slice(at, at + 64))?.[0].length ?? 0;
      const inner = alternatives();
      at++;
      return inner;
    }
    return 1;
  };

  const repeated = (ways: number): number => {
    const quantifier = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 24));
    if (!quantifier) return ways;
    at += quantifier[0].length;
    const [text, least, comma, most] = quantifier;
    if (text.startsWith('?')) return ways + 1;
    if (least === undefined || (comma === ',' && most === '')) return Number.POSITIVE_INFINITY;
    const from = Number(least);
    const to = comma === ',' ? Number(most) : from;
    if (ways === 1) return to - from + 1;
    let sum = 0;
    for (let times = from; times <= to && sum <= MAX_WAYS; times++) sum += ways ** times;
    return sum;
  };

  return alternatives();
}
