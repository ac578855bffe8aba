SELECT member.region, bucket.name, member.class, member.item
FROM {side}.member JOIN {side}.bucket ON bucket.region = member.region AND bucket.number = member.bucket;
