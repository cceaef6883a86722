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

/**
 * In how many ways an expression can match from one starting point, at most. `full` when something follows that
 * may fail and send it back, `tail` when it ends the whole expression, where the first way is also the last.
 */
interface Ways {
  readonly full: number;
  readonly tail: number;
}

const ONE: Ways = { full: 1, tail: 1 };

/** Reads a valid expression. */
function waysThrough(source: string): number {
  let at = 0;

  const alternatives = (): Ways => {
    let sum = sequence();
    while (source[at] === '|') {
      at++;
      const next = sequence();
      sum = { full: sum.full + next.full, tail: sum.tail + next.tail };
    }
    return sum;
  };

  const sequence = (): Ways => {
    let before = 1;
    let last = ONE;
    while (at < source.length && source[at] !== '|' && source[at] !== ')') {
      before *= last.full;
      last = repeated(atom());
    }
    return { full: before * last.full, tail: before * last.tail };
  };

  const atom = (): Ways => {
    const char = source[at++];
    if (char === '[') {
      while (source[at] !== ']') at += source[at] === '\\' ? 2 : 1;
      at++;
    } else if (char === '\\') {
      if (/[1-9k]/.test(source[at] ?? '')) throw new SyntaxError('it refers back to a group: a rule cannot');
      at++;
    } else if (char === '(') {
      at += /^\?(?:[:=!]|<[=!]|<[\w$]{1,61}>)/.exec(source.slice(at, at + 64))?.[0].length ?? 0;
      const inner = alternatives();
      at++;
      return inner;
    }
    return ONE;
  };

  const repeated = (ways: Ways): Ways => {
    const quantifier = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(source.slice(at, at + 24));
    if (!quantifier) return ways;
    at += quantifier[0].length;
    const [text, least, comma, most] = quantifier;
    if (text.startsWith('?')) return { full: ways.full + 1, tail: ways.tail + 1 };
    // Even at the end a repetition without bound makes each starting point read on: quadratic in all.
    if (least === undefined || (comma === ',' && most === '')) return { full: Infinity, tail: Infinity };
    const from = Number(least);
    const to = comma === ',' ? Number(most) : from;
    if (ways.full === 1) return { full: to - from + 1, tail: 1 };
    let sum = 0;
    for (let times = from; times <= to && sum <= MAX_WAYS; times++) sum += ways.full ** times;
    return { full: sum, tail: sum };
  };

  return alternatives().tail;
}
