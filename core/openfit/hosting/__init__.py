"""Plugins as processes: which are installed (`registry`) and which run (`hosts`), in what folder
(`scratch`), behind which walls (`sealing`, `accounts`), what is fetched for them (`fetch`)."""
