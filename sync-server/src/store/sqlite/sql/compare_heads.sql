SELECT (SELECT count(*) FROM (SELECT number, head_hash FROM live.chain EXCEPT SELECT number, head_hash FROM main.chain))
    + (SELECT count(*) FROM live.chain WHERE folded_sequence < head_sequence);
