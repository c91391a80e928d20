// What a JavaScript program does with CloudWatch's client of the SDK v3, in the protocol of `PROTOCOL`.
// Prints what it saw as one line of JSON; `test_cloudwatch_javascript.py` knows what that must be.

import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { AwsJson1_0Protocol, AwsQueryProtocol } from "@aws-sdk/core/protocols";
import { SmithyRpcV2CborProtocol } from "@smithy/core/cbor";

let sent;
const protocol = {
  json: AwsJson1_0Protocol,
  cbor: SmithyRpcV2CborProtocol,
  query: AwsQueryProtocol,
}[process.env.PROTOCOL];
const client = new CloudWatchClient({ protocol });
client.middlewareStack.add(
  (next) => async (args) => {
    sent = args.request.headers["content-type"];
    return next(args);
  },
  { step: "finalizeRequest", name: "look" },
);
const Namespace = "JavaScript";
const now = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const window = { StartTime: new Date(now - 600_000), EndTime: new Date(+now + 600_000) };
const Dimensions = [{ Name: "page", Value: "höme" }];
const Metric = { Namespace, MetricName: "visits", Dimensions };

await client.send(
  new PutMetricDataCommand({
    Namespace,
    MetricData: [
      { MetricName: "visits", Dimensions, Timestamp: now, Values: [1, 2.5], Counts: [2, 1] },
    ],
  }),
);
const listed = await client.send(new ListMetricsCommand({ Namespace }));
const statistics = await client.send(
  new GetMetricStatisticsCommand({
    ...Metric,
    ...window,
    Period: 3600,
    Statistics: ["Sum", "SampleCount"],
  }),
);
const data = await client.send(
  new GetMetricDataCommand({
    ...window,
    MetricDataQueries: [
      { Id: "m1", MetricStat: { Metric, Period: 60, Stat: "Sum" } },
      { Id: "e1", Expression: "m1 * 2" },
    ],
  }),
);
await client.send(
  new PutMetricAlarmCommand({
    AlarmName: "busy",
    ...Metric,
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0.5,
    ComparisonOperator: "GreaterThanThreshold",
  }),
);
const alarms = await client.send(new DescribeAlarmsCommand({}));
let refused;
try {
  await client.send(
    new SetAlarmStateCommand({ AlarmName: "nobody", StateValue: "OK", StateReason: "x" }),
  );
} catch (error) {
  refused = {
    name: error.name,
    message: error.message,
    status: error.$metadata.httpStatusCode,
  };
}

console.log(
  JSON.stringify({
    sent,
    listed: listed.Metrics,
    sum: statistics.Datapoints[0].Sum,
    samples: statistics.Datapoints[0].SampleCount,
    aDate: statistics.Datapoints[0].Timestamp instanceof Date,
    times: data.MetricDataResults[0].Timestamps.map((each) => each - now),
    values: data.MetricDataResults.map((each) => each.Values),
    alarm: alarms.MetricAlarms[0].StateValue,
    threshold: alarms.MetricAlarms[0].Threshold,
    refused,
  }),
);
