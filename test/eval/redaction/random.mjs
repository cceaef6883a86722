/** A small seeded generator (mulberry32), so that a corpus can be made again. */
export function seeded(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const int = (least, most) => least + Math.floor(next() * (most - least + 1));
  const pick = (list) => list[int(0, list.length - 1)];
  const chars = (alphabet, length) =>
    Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join('');
  const lower = 'abcdefghijklmnopqrstuvwxyz';
  const upper = lower.toUpperCase();
  const digits = '0123456789';
  return {
    int,
    pick,
    chars,
    hex: (length) => chars('0123456789abcdef', length),
    digits: (length) => chars(digits, length),
    alnum: (length) => chars(lower + upper + digits, length),
    upnum: (length) => chars(upper + digits, length),
    lownum: (length) => chars(lower + digits, length),
    url64: (length) => chars(`${lower}${upper}${digits}_-`, length),
    base64: (length) => chars(`${lower}${upper}${digits}+/`, length),
    uuid() {
      return [8, 4, 4, 4, 12].map((length) => chars('0123456789abcdef', length)).join('-');
    },
    /** At least one digit and one letter, as a generated secret has. */
    mixed(length) {
      return `${chars(lower, 1)}${chars(lower + upper + digits, length - 2)}${chars(digits, 1)}`;
    },
  };
}
