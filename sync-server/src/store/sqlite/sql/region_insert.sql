INSERT INTO region (region, epoch, server_device, server_number, next_number) VALUES (?1, ?2, ?3, ?4, ?5);
