// SQS messages of errors as a transport sends them: a few distinct ones, each many times, no two messages alike.
const KINDS = [
  'card',
  'voucher',
  'invoice',
  'transfer',
  'wallet',
  'cheque',
  'points',
  'refund',
  'coupon',
  'order',
];
const PLACES = [
  'checkout',
  'basket',
  'billing',
  'search',
  'account',
  'mail',
  'stock',
  'route',
  'image',
  'report',
];

/** The body of message `index` when there are `distinct` errors. */
export function bodyOf(index, distinct) {
  const error = index % distinct;
  const kind = KINDS[error % 10];
  const place = PLACES[Math.floor(error / 10) % 10];
  const unit = `${kind}${letters(error)}`;
  const message = `${kind} ${letters(error)} could not be taken for order ${100_000 + error}`;
  // Ten frames, as many as V8 keeps.
  const frames = [
    `at ${unit}Of (/srv/app/src/${place}/${unit}.js:${40 + (error % 50)}:17)`,
    `at settle (/srv/app/src/${place}/settle.js:112:23)`,
    `at async handle (/srv/app/src/${place}/routes.js:31:20)`,
    `at Layer.handle [as handle_request] (/srv/app/node_modules/express/lib/router/layer.js:95:5)`,
    `at next (/srv/app/node_modules/express/lib/router/route.js:149:13)`,
    `at Route.dispatch (/srv/app/node_modules/express/lib/router/route.js:119:3)`,
    `at Layer.handle [as handle_request] (/srv/app/node_modules/express/lib/router/layer.js:95:5)`,
    `at /srv/app/node_modules/express/lib/router/index.js:284:15`,
    `at Function.process_params (/srv/app/node_modules/express/lib/router/index.js:346:12)`,
    `at next (/srv/app/node_modules/express/lib/router/index.js:280:10)`,
  ];
  return JSON.stringify({
    eventId: `0198c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
    timestamp: 1_767_225_600_000 + index,
    errorLog: {
      message,
      name: 'PaymentError',
      code: 'E_PAYMENT',
      stackTrace: `PaymentError: ${message}\n${frames.map((frame) => `    ${frame}`).join('\n')}`,
      context: { reqId: `req-${index}`, method: 'POST', url: `/${place}`, status: 500, userId: index % 977 },
    },
    service: 'shop',
    environment: 'production',
    commit: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    occurrences: 1 + (index % 3),
    firstSeen: 1_767_225_600_000 + index,
    lastSeen: 1_767_225_600_500 + index,
  });
}

/** Lambda's event for messages from `first` on. */
export function batchOf(bodies, first, size) {
  const Records = [];
  for (let index = first; index < first + size; index++) {
    Records.push({
      messageId: `message-${index}`,
      receiptHandle: `receipt-${index}`,
      body: bodies[index % bodies.length],
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: '1767225600000' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:errors',
      awsRegion: 'us-east-1',
    });
  }
  return { Records };
}

/** Digits would be masked: two errors must differ in words. */
function letters(number) {
  return [...number.toString(26)]
    .map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)))
    .join('');
}
