SELECT member.region, bucket.name, member.record
FROM {side}.member JOIN {side}.bucket ON bucket.region = member.region AND bucket.number = member.bucket;
