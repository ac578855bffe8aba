SELECT epoch, server_device, server_number FROM region WHERE region = ?1;
