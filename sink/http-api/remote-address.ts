import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Where a proxy of one's own stands: this machine and private networks (RFC 1918, 3927, 4193 and 4291). */
const near = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  near.addSubnet(network, prefix, 'ipv4');
}
near.addAddress('::1', 'ipv6');
near.addSubnet('fc00::', 7, 'ipv6');
near.addSubnet('fe80::', 10, 'ipv6');

/**
 * Whom a request comes from, for counting: an address of IPv4, or the network of 64 bits that one household or machine
 * has of IPv6. Of a near proxy's `x-forwarded-for` the last address is believed, which it has written itself; whoever
 * is near without being a proxy can claim another one.
 */
export function remoteAddress({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string {
  const peer = bare(socket.remoteAddress ?? '');
  const version = isIP(peer);
  if (version === 0 || !near.check(peer, version === 6 ? 'ipv6' : 'ipv4')) return networkOf(peer);
  const last = bare(
    String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .at(-1) ?? '',
  );
  return networkOf(isIP(last) === 0 ? peer : last);
}

/** Without a zone, a port, brackets, or what makes an address of IPv4 one of IPv6. */
function bare(address: string): string {
  const inner = /^\s*\[?([^\]%]*)/.exec(address)?.[1]?.trim() ?? '';
  return inner.replace(/^::ffff:(?=\d+\.)/i, '').replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
}

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = [], tail = []] = address
    .toLowerCase()
    .split('::')
    .map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}
