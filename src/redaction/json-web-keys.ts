import type { Detector } from './spans.ts';

/** The private members of a JSON web key (RFC 7518, section 6), quoted at whatever depth. */
const PRIVATE_MEMBER = /["'](?:d|p|q|dp|dq|qi|k)\\{0,64}["']\s{0,4}:\s{0,4}\\{0,64}["']([\w-]{16,8192})/g;

/** Finds what makes a JSON web key a private one. */
export const findJsonWebKeys: Detector = (text, found) => {
  if (!text.includes('kty')) return;
  PRIVATE_MEMBER.lastIndex = 0;
  for (let hit = PRIVATE_MEMBER.exec(text); hit !== null; hit = PRIVATE_MEMBER.exec(text)) {
    const { length } = String(hit[1]);
    found(PRIVATE_MEMBER.lastIndex - length, PRIVATE_MEMBER.lastIndex, 'private-key');
  }
};
