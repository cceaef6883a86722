import { isIP } from 'node:net';
import type { Detector } from './spans.ts';

const V4 = /(?<![\w./-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)/g;
const V6 = /(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}/g;

/** Finds IP addresses, but those that mean the machine itself or any. */
export const findIpAddresses: Detector = (text, found) => {
  for (const hit of text.matchAll(V4)) {
    if (isIP(hit[0]) === 4 && !/^(?:127\.|0\.0\.0\.0$|255\.255\.)/.test(hit[0])) {
      found(hit.index, hit.index + hit[0].length, 'ip');
    }
  }
  for (const hit of text.matchAll(V6)) {
    const length = longestAddress(hit[0]);
    if (length > 0) found(hit.index, hit.index + length, 'ip');
  }
};

/** Node prints `address:port` without brackets: the port is not part of it. */
function longestAddress(text: string): number {
  for (let end = text.length; end > 3; end = text.lastIndexOf(':', end - 1)) {
    const address = text.slice(0, end);
    if (isIP(address) !== 6 || (end === text.length && hasPort(text))) continue;
    return /^[:0]*1?$/.test(address) ? 0 : end;
  }
  return 0;
}

/** The last group of an abbreviated address, if it is decimal and long, is nearly always a port. */
function hasPort(text: string): boolean {
  const colon = text.lastIndexOf(':');
  const address = text.slice(0, colon);
  return /^\d{2,5}$/.test(text.slice(colon + 1)) && address.includes('::') && isIP(address) === 6;
}
