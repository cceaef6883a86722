/**
 * The address of a line of code at its repository's host; undefined for anything but a web address. Only the
 * repository's own host is ever linked to, whatever path or commit an event names.
 */
export function lineAddress(
  repositoryUrl: string | undefined,
  commit: string | undefined,
  file: string,
  line?: number,
): string | undefined {
  const base = webAddress(repositoryUrl);
  if (!base || !/^[\w.-]{1,128}$/.test(commit ?? '')) return undefined;
  if (/^(?:\/|[A-Za-z]:|\w+:\/\/)/.test(file) || file.split(/[\\/]/).includes('..')) return undefined;
  const path = file.split('/').map(encodeURIComponent).join('/');
  const address = new URL(base);
  address.pathname = `${base.pathname.replace(/\/$|\.git$/, '')}/blob/${commit}/${path}`;
  if (line !== undefined) address.hash = `L${line}`;
  return address.href;
}

/** An address that a commit came with, if it is on the repository's host. */
export function sameHostAddress(
  url: string | undefined,
  repositoryUrl: string | undefined,
): string | undefined {
  const [address, repository] = [webAddress(url), webAddress(repositoryUrl)];
  return address && repository && address.host === repository.host ? address.href : undefined;
}

function webAddress(url: string | undefined): URL | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const address = new URL(url);
  const web = address.protocol === 'https:' || address.protocol === 'http:';
  return web && address.username === '' && address.password === '' ? address : undefined;
}
