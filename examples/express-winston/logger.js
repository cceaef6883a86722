import { PatrolTransport } from 'patrol/winston';
import winston from 'winston';
import { consoleFormat } from './console-format.js';

/** The application's log. The last transport is Patrol: it writes an analysis behind each error. */
export const logger = winston.createLogger({
  transports: [
    new winston.transports.Console({ format: consoleFormat }),
    new PatrolTransport({ service: 'orders' }),
  ],
});
