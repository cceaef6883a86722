import pino from 'pino';

/** The application's log. Patrol reads it, adds its analyses, and passes both on to what prints it. */
export const logger = pino({
  transport: {
    pipeline: [
      { target: 'patrol/pino', options: { service: 'shipping' } },
      { target: new URL('./console-format.js', import.meta.url).href },
    ],
  },
});
