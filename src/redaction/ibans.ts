import { isDigit, isWord } from './boundaries.ts';

/** Lengths by country: the IBAN registry (SWIFT), release 99. */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 ' +
    'LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 ' +
    'PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Where the IBAN ends that begins at `start`: by country, length and check digits (ISO 13616); -1 for none. */
export function ibanEnd(text: string, start: number): number {
  if (!isDigit(text.charCodeAt(start + 2)) || !isDigit(text.charCodeAt(start + 3))) return -1;
  const length = LENGTHS.get(text.slice(start, start + 2).toUpperCase());
  if (length === undefined) return -1;
  let end = start;
  let compact = '';
  // People group it by blanks, be they encoded or not, or hyphens, one at a time.
  for (; compact.length < length && end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (isWord(code) && code !== 95) compact += text[end];
    else if (code === 37 && text.startsWith('20', end + 1)) end += 2;
    else if ((code !== 32 && code !== 43 && code !== 45) || !isWord(text.charCodeAt(end + 1))) return -1;
  }
  if (compact.length !== length || isWord(text.charCodeAt(end))) return -1;
  return remainder(compact.toUpperCase()) === 1 ? end : -1;
}

/** ISO 7064, MOD 97-10: letters count as 10 to 35. */
function remainder(iban: string): number {
  let rest = 0;
  for (const char of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(char, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}
