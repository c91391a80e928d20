"""Templates as people and the CDK write them."""

from typing import Any

SAM = """
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage:
    Type: String
    Default: dev
  Owner:
    Type: String
  Version:
    Type: AWS::SSM::Parameter::Value<String>
    Default: /a/name
Mappings:
  Capacity:
    dev: {Read: 3, Write: "4"}
Conditions:
  IsLarge: !Equals [!Ref Stage, prod]
  IsSmall: !Not [!Condition IsLarge]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub "${Stage}-orders"
      AttributeDefinitions:
        - {AttributeName: PK, AttributeType: S}
        - {AttributeName: SK, AttributeType: N}
        - {AttributeName: GSI1PK, AttributeType: B}
      KeySchema:
        - {AttributeName: PK, KeyType: HASH}
        - {AttributeName: SK, KeyType: RANGE}
      ProvisionedThroughput:
        ReadCapacityUnits: !FindInMap [Capacity, !Ref Stage, Read]
        WriteCapacityUnits: !FindInMap [Capacity, !Ref Stage, Write]
      GlobalSecondaryIndexes:
        - IndexName: !Join ["-", [GSI1, !Ref Stage]]
          KeySchema: [{AttributeName: GSI1PK, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [price]}
          ProvisionedThroughput: {ReadCapacityUnits: "1", WriteCapacityUnits: 2}
          ContributorInsightsSpecification: {Enabled: true}
      StreamSpecification: {StreamViewType: !If [IsSmall, KEYS_ONLY, NEW_IMAGE]}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: "true"}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      DeletionProtectionEnabled: !If [IsLarge, true, false]
      TableClass: !If [IsLarge, STANDARD_INFREQUENT_ACCESS, !Ref AWS::NoValue]
      SSESpecification: {SSEEnabled: true, SSEType: KMS, KMSMasterKeyId: !GetAtt Key.Arn}
      KinesisStreamSpecification: {StreamArn: !GetAtt Stream.Arn}
      Tags: [{Key: stage, Value: !Ref Stage}]
  Large:
    Type: AWS::DynamoDB::Table
    Condition: IsLarge
    Properties: {}
  Sessions:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: PK, AttributeType: S}]
      KeySchema: [{AttributeName: PK, KeyType: HASH}]
  Key: {Type: AWS::KMS::Key}
"""
# As `cdk synth` writes a TableV2, shortened.
CDK: dict[str, Any] = {
    "Resources": {
        "GlobalTable89F068B2": {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "gsi", "AttributeType": "S"},
                ],
                "BillingMode": "PROVISIONED",
                "GlobalSecondaryIndexes": [
                    {
                        "IndexName": "gsi",
                        "KeySchema": [{"AttributeName": "gsi", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                        "WriteProvisionedThroughputSettings": {
                            "WriteCapacityAutoScalingSettings": {
                                "MinCapacity": 2,
                                "MaxCapacity": 20,
                                "SeedCapacity": 6,
                            }
                        },
                    }
                ],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                "Replicas": [
                    {
                        "DeletionProtectionEnabled": True,
                        "GlobalSecondaryIndexes": [
                            {
                                "IndexName": "gsi",
                                "ReadProvisionedThroughputSettings": {"ReadCapacityUnits": 7},
                            }
                        ],
                        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                        "ReadProvisionedThroughputSettings": {"ReadCapacityUnits": 10},
                        "Region": {"Ref": "AWS::Region"},
                        "Tags": [{"Key": "team", "Value": "shop"}],
                    },
                    {"Region": "eu-west-1"},
                ],
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
                "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
                "WriteProvisionedThroughputSettings": {
                    "WriteCapacityAutoScalingSettings": {
                        "MinCapacity": 5,
                        "MaxCapacity": 50,
                        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70},
                    }
                },
            },
            "UpdateReplacePolicy": "Retain",
            "Metadata": {"aws:cdk:path": "Stack/GlobalTable/Resource"},
        },
        "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Condition": "CDKMetadataAvailable"},
    },
    "Conditions": {
        "CDKMetadataAvailable": {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}]}
    },
    "Parameters": {
        "BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>",
            "Default": "/cdk-bootstrap/hnb659fds/version",
        }
    },
}
KEYS = [{"AttributeName": "PK", "KeyType": "HASH"}]
KINDS = [{"AttributeName": "PK", "AttributeType": "S"}]
