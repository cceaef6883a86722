import { SEEN_INDEX } from '../history/dynamodb-table.ts';
import type { Resource } from './cloudformation.ts';

/** Answers, which processes share. */
export const answerTable: Resource = {
  Type: 'AWS::DynamoDB::Table',
  // Answers can be had again.
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    SSESpecification: { SSEEnabled: true },
  },
};

/** Empty, and so free of cost, where no history is kept. */
export const historyTable: Resource = {
  Type: 'AWS::DynamoDB::Table',
  // What people have noted there exists nowhere else.
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'listed', 'seen'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: SEEN_INDEX,
        KeySchema: [
          { AttributeName: 'listed', KeyType: 'HASH' },
          { AttributeName: 'seen', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    SSESpecification: { SSEEnabled: true },
    // 35 days back, to the second.
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  },
};
