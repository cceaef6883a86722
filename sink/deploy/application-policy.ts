/** The ARNs that an application's policy names. */
export interface ApplicationPolicyOptions {
  readonly queueArn: string;
  readonly replyQueueArn: string;
}

/** All that an application needs: to send to one queue and to read one reply queue. */
export function createApplicationPolicy({ queueArn, replyQueueArn }: ApplicationPolicyOptions): {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
} {
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: ['sqs:SendMessage'], Resource: queueArn },
      {
        Effect: 'Allow',
        Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
        Resource: replyQueueArn,
      },
    ],
  };
}
