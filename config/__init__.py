"""The example configuration of each service, packaged so that it is there outside a checkout as well."""
