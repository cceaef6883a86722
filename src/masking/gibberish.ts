/**
 * Letter pairs that hardly ever occur in English words or identifiers, by first letter. Counted over the
 * identifiers and the prose of some hundred npm packages; a pair that fewer than eight words hold is rare.
 */
const RARE_PAIRS: Readonly<Record<string, string>> = {
  a: 'joq',
  b: 'fghknqvwxz',
  c: 'bfgjmnqvwxz',
  d: 'fkqxz',
  f: 'bcdghjkmnpqvwxz',
  g: 'bcfjkpqvwxz',
  h: 'bcdfghjkpqvwxz',
  i: 'huwy',
  j: 'bcdfghijklmnpqrtvwxyz',
  k: 'bcfghjkqrtvwxz',
  l: 'hjnqxz',
  m: 'dghjkqrvwxz',
  n: 'qx',
  o: 'q',
  p: 'bcfgjknqvxz',
  q: 'abcdefghijklmnopqrtvwxyz',
  r: 'jqxz',
  s: 'gjz',
  t: 'jkqvx',
  u: 'hjquvwx',
  v: 'bcdfghjklmnpqrstuvwxyz',
  w: 'bcgjklmpqtuvwxyz',
  x: 'bdfghjklmnoqrsuvwxz',
  y: 'dghjkqruvwx',
  z: 'bcdfghjkmnpqrstvwx',
};

const isRare = new Uint8Array(26 * 26);
for (const [first, seconds] of Object.entries(RARE_PAIRS)) {
  for (const second of seconds) {
    isRare[(first.charCodeAt(0) - 97) * 26 + second.charCodeAt(0) - 97] = 1;
  }
}

const VOWELS = 'aeiouyAEIOUY';

const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);
const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);

/**
 * Whether a run of letters reads like a random id (`gvimhz`, `WpQzKl`) and not like a word or a camelCase name.
 * Ids without any digit are common: a third of all six-letter base62 ids.
 *
 * The test is how many letter pairs are rare ones. Of random words of six letters it finds about seven in ten,
 * of real words and identifiers it takes about one in a hundred for an id.
 */
export function looksRandom(word: string, start = 0, end: number = word.length): boolean {
  const length = end - start;
  if (length < 5) return false;
  if (length > 48) return true;
  let rare = 0;
  let humps = 0;
  let upper = 0;
  let vowels = 0;
  for (let index = start; index < end; index++) {
    const code = word.charCodeAt(index);
    if (!isLetter(code)) return false;
    const isUpper = code <= 90;
    if (isUpper) upper++;
    if (VOWELS.includes(word.charAt(index))) vowels++;
    if (index === start) continue;
    const before = word.charCodeAt(index - 1);
    const hump = isUpper && before > 90;
    if (hump) humps++;
    // In camelCase a pair over a hump joins two words, and says nothing.
    if (!hump && isRare[(lower(before) - 97) * 26 + lower(code) - 97] === 1) rare++;
  }
  // Abbreviations in capitals follow no spelling: `HTTPS`, `SQLSTATE`.
  if (upper === length) return false;
  if (humps >= 2 && length < 3 * (humps + 1)) return true;
  // Capitals make a third of a name at most.
  if (humps >= 3 && upper * 5 >= length * 2) return true;
  if (vowels === 0 && (length >= 6 || upper > 0)) return true;
  // A name may begin with a capital or hold humps, but hardly ends in a single one: `TdrpjG`.
  if (upper > 0 && word.charCodeAt(end - 1) <= 90 && rare > 0) return true;
  return rare >= 2 && rare * 4 >= length - 1;
}
