// What a JavaScript program does with the SDK v3, given nothing but an endpoint URL.
// Prints what it saw as one line of JSON; `test_javascript_sdk.py` knows what that must be.

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  QueryCommand,
  paginateQuery,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const TableName = "javascript";
const numbers = [...Array(25).keys()];
const key = (n) => ({ p: { S: "all" }, s: { N: `${n}` } });

await client.send(
  new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "p", KeyType: "HASH" },
      { AttributeName: "s", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "p", AttributeType: "S" },
      { AttributeName: "s", AttributeType: "N" },
    ],
  }),
);
await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });

const items = numbers.map((n) => ({ ...key(n), blob: { B: new Uint8Array([0, n, 255]) } }));
const written = await client.send(
  new BatchWriteItemCommand({
    RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
    ReturnConsumedCapacity: "TOTAL",
  }),
);
const read = await client.send(
  new BatchGetItemCommand({
    RequestItems: {
      [TableName]: { Keys: [...numbers, 99].map(key), ProjectionExpression: "s, #b",
                     ExpressionAttributeNames: { "#b": "blob" } },
    },
  }),
);
const queried = [];
const input = {
  TableName,
  KeyConditionExpression: "p = :p AND s BETWEEN :low AND :high",
  ExpressionAttributeValues: { ":p": { S: "all" }, ":low": { N: "5" }, ":high": { N: "11" } },
  ScanIndexForward: false,
};
let pages = 0;
for await (const page of paginateQuery({ client, pageSize: 3 }, input)) {
  pages += 1;
  queried.push(...page.Items.map((item) => Number(item.s.N)));
}
let refused;
try {
  await client.send(new QueryCommand({ TableName: "nothing", KeyConditionExpression: "p = :p",
                                       ExpressionAttributeValues: { ":p": { S: "a" } } }));
} catch (error) {
  refused = { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
}

const found = read.Responses[TableName];
console.log(
  JSON.stringify({
    unprocessed: written.UnprocessedItems,
    units: written.ConsumedCapacity[0].CapacityUnits,
    requestIdLength: written.$metadata.requestId.length,
    found: found.map((item) => Number(item.s.N)).sort((a, b) => a - b),
    blobs: found.every((item) => item.blob.B[1] === Number(item.s.N) && item.blob.B[2] === 255),
    attributes: Object.keys(found[0]).sort(),
    unprocessedKeys: read.UnprocessedKeys,
    pages,
    queried,
    refused,
  }),
);
