SELECT site FROM van_site WHERE region = ?1 AND van = ?2;
