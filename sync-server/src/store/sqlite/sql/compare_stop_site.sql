SELECT region, stop, site, van, day FROM {side}.stop_site;
