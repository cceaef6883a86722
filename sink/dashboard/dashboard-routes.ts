import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono, type MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { PeopleEnv } from '../http-api/person.ts';

/** What `build.mjs` has made; in the sources there is none. */
const BUILT = fileURLToPath(new URL('./pages/', import.meta.url));
/** The addresses of the dashboard's pages; which one to show, the script in the page reads from the address. */
const PAGES = ['/', '/errors/:hash', '/statistics', '/rules', '/webhooks', '/settings'] as const;
/** Their names change with their content: https://datatracker.ietf.org/doc/html/rfc8246 */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The dashboard's files. The pages hold no data and need no sign-in: what they show comes from the people's API.
 * They load nothing but their own files, run no other script, send nothing elsewhere, and nobody frames them.
 */
export function createDashboardRoutes(built: string = BUILT): Hono<PeopleEnv> {
  const routes = new Hono<PeopleEnv>();
  if (!existsSync(built)) return routes;
  const headers = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
      // No text becomes markup, whatever a library may do: the browser itself refuses.
      requireTrustedTypesFor: ["'script'"],
      trustedTypes: ["'none'"],
    },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    // Whether a host is always reached by https is for its owner to say.
    strictTransportSecurity: false,
  });
  const files = serveStatic<PeopleEnv>({ root: built, precompressed: true });
  const page = serveStatic<PeopleEnv>({ root: built, path: 'index.html', precompressed: true });
  for (const path of PAGES) routes.get(path, headers, kept('no-cache'), page);
  routes.get('/assets/*', headers, kept(FOR_EVER), files);
  return routes;
}

/** Says how long browsers may keep what was found. */
function kept(cacheControl: string): MiddlewareHandler<PeopleEnv> {
  return async (context, next) => {
    await next();
    if (context.res.ok) context.header('cache-control', cacheControl);
  };
}
