SELECT region, van, site FROM {side}.van_site;
